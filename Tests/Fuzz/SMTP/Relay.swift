import SMTP

/// What a relay says, in any bytes, ends a conversation or goes on with it; in pieces it is the same as at once, and no input traps.
@_cdecl("LLVMFuzzerTestOneInput")
public func relay(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = input.first else { return 0 }
  let bytes = Array(input.dropFirst())
  precondition(said(to: bytes, chunkSize: bytes.count + 1) == said(to: bytes, chunkSize: Int(first) % 16 + 1))
  return 0
}

private func said(to bytes: [UInt8], chunkSize: Int) -> [SMTPClientSession.Action] {
  var decoder = ServerReplyDecoder()
  var session = SMTPClientSession(
    hostName: "mx.example.com",
    mail: SMTPClientSession.Mail(recipient: "dan@example.net", content: Array("a\r\n".utf8), needsUTF8: false),
    wantsTLS: true)
  var actions: [SMTPClientSession.Action] = []
  var rest = bytes[...]
  while !rest.isEmpty {
    let chunk = rest.prefix(chunkSize)
    rest = rest.dropFirst(chunk.count)
    guard let replies = try? decoder.decode(Array(chunk)) else { return [] }
    for reply in replies { actions.append(session.receive(reply)) }
  }
  return actions
}
