import Bytes
import SMTP

/// Any beginning of a connection is a header, an error or too short, whatever follows and however it is cut; nothing traps, and
/// it is decided after as many bytes as a header may have. The first byte chooses where it is cut.
@_cdecl("LLVMFuzzerTestOneInput")
public func parseProxyHeader(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = input.first else { return 0 }
  let bytes = Array(input.dropFirst())
  let whole = Outcome(of: bytes)
  precondition(whole != .incomplete || bytes.count < ProxyHeader.maxByteCount)
  precondition(whole == Outcome(of: Array(bytes.prefix(ProxyHeader.maxByteCount))))
  if case .header(let header) = whole {
    precondition(header.byteCount <= min(bytes.count, ProxyHeader.maxByteCount))
    precondition(Outcome(of: Array(bytes.prefix(header.byteCount))) == whole)
    precondition(Outcome(of: Array(bytes.prefix(header.byteCount - 1))) == .incomplete)
    if let source = header.source { precondition(IPAddress(source.description) == source) }
  }
  let piece = Outcome(of: Array(bytes.prefix(Int(first) * bytes.count / 255)))
  precondition(piece == .incomplete || piece == whole)
  return 0
}

private enum Outcome: Equatable {
  case incomplete
  case header(ProxyHeader)
  case refused(DecodingError)

  init(of bytes: [UInt8]) {
    do throws(DecodingError) {
      self = try ProxyHeader.parse(bytes).map { .header($0) } ?? .incomplete
    } catch {
      self = .refused(error)
    }
  }
}
