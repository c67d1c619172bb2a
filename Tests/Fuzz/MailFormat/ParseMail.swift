import MailFormat

/// Any bytes are a mail; splitting gives them back exactly; what is listed as attachment can be fetched.
@_cdecl("LLVMFuzzerTestOneInput")
public func parseMail(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  let mail = MailParser().parse(input)
  for attachment in mail.attachments.prefix(10) {
    let content = MailParser().attachmentContent(input, partPath: attachment.partPath)
    precondition(content?.count == attachment.byteCount)
  }
  guard let split = MailSplitter().split(input, minimumByteCount: 8) else { return 0 }
  let back = split.pieces.flatMap { piece in
    switch piece {
    case .literal(let range): Array(input[range])
    case .attachment(let attachment): MailSplitter.encode(content: attachment.content, encoding: attachment.encoding)
    }
  }
  precondition(back == input)
  return 0
}
