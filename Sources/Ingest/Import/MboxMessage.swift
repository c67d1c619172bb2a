/// Gathers the lines of one message in an mbox, and undoes `>From ` quoting.
struct MboxMessage {
  private var bytes: [UInt8] = []
  private var headerEnd: Int?
  private var contentLength: Int?
  /// As the body stands in the file, with its quoting.
  private var bodyByteCount = 0
  /// Where in `bytes` a `>` was taken away.
  private var unquoted: [Int] = []
  private var isVerbatim = false
  private var endsWithEmptyLine = true
  private let maxByteCount: Int
  private(set) var isOversize = false

  init(maxByteCount: Int) { self.maxByteCount = maxByteCount }

  /// How many bytes of the body `Content-Length` still promises.
  var missingByContentLength: Int? {
    guard let contentLength, headerEnd != nil, !isOversize, contentLength > bodyByteCount else { return nil }
    return contentLength - bodyByteCount
  }

  /// Whether a separator that follows is one.
  var mayEndHere: Bool {
    if isVerbatim { return missingByContentLength == nil }
    return endsWithEmptyLine || (headerEnd != nil && bodyByteCount == contentLength)
  }

  mutating func append(_ line: LineReader.Line) {
    let isInHeader = headerEnd == nil
    if isInHeader { noteContentLength(line) } else { bodyByteCount += line.bytes.count }
    endsWithEmptyLine = line.isEmpty
    if !isVerbatim, Self.isQuoted(line) {
      unquoted.append(bytes.count)
      take(line.bytes.dropFirst())
    } else {
      take(line.bytes)
    }
    if isInHeader && endsWithEmptyLine { headerEnd = bytes.count }
  }

  /// The message has shown that its writer did not quote: what was undone was the text's own.
  mutating func goOnVerbatim() {
    isVerbatim = true
    guard let headerEnd else { return }
    var restored: [UInt8] = []
    var taken = 0
    for offset in unquoted where offset >= headerEnd {
      restored += bytes[taken..<offset]
      restored.append(UInt8(ascii: ">"))
      taken = offset
    }
    bytes = restored + bytes[taken...]
  }

  /// The message without the empty line that writers add before the next separator.
  func finish() -> [UInt8] {
    if isOversize { return bytes }
    if isVerbatim, let headerEnd, let contentLength { return Array(bytes.prefix(headerEnd + contentLength)) }
    let endsAsPromised = headerEnd != nil && bodyByteCount == contentLength
    guard endsWithEmptyLine, !endsAsPromised, bytes.last == 0x0A, bytes.count != headerEnd else { return bytes }
    return Array(bytes.dropLast(bytes.dropLast().last == 0x0D ? 2 : 1))
  }

  private mutating func take(_ line: ArraySlice<UInt8>) {
    isOversize = isOversize || bytes.count + line.count > maxByteCount
    if !isOversize { bytes += line }
  }

  private mutating func noteContentLength(_ line: LineReader.Line) {
    let name = "content-length:"
    guard line.isStart, line.bytes.count > name.utf8.count, line.bytes.count < 100,
      zip(line.bytes, name.utf8).allSatisfy({ $0 | 0x20 == $1 | 0x20 })
    else { return }
    contentLength = Int(
      String(decoding: line.bytes.dropFirst(name.utf8.count), as: UTF8.self).filter { !$0.isWhitespace })
  }

  private static func isQuoted(_ line: LineReader.Line) -> Bool {
    guard line.isStart, line.bytes.first == UInt8(ascii: ">") else { return false }
    return line.bytes.drop { $0 == UInt8(ascii: ">") }.starts(with: "From ".utf8)
  }
}
