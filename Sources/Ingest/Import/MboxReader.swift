/// Cuts an mbox file into messages.
///
/// A message begins after a separator line: `From `, an address and a date, at the start of the file or after an empty
/// line; the empty line belongs to the separator. The rest depends on the dialect:
///
/// - *mboxrd* (the default): a line of one or more `>` and `From ` loses one `>`.
/// - *mboxo*: a file from a writer that quotes only `From `; reading it as mboxrd is right but for lines that began with
///   `>From ` before they were written, which no reader can tell.
/// - *mboxcl*: quoted as above, and `Content-Length` says how long the body is as it stands in the file.
/// - *mboxcl2*: not quoted at all. A message shows that it is one when an unquoted separator stands in its body and
///   `Content-Length` leads past it, exactly to the next separator or the end of the file.
///
/// (As described by Jonathan de Boyne Pollard, "mbox is a family of several mutually incompatible mailbox formats", and
/// by mbox(5) of qmail.)
struct MboxReader {
  private var lines: LineReader
  private var separator: [UInt8]?
  private let maxByteCount: Int
  /// False as long as nothing shows that the file is an mbox at all.
  private(set) var hasSeparator = false

  private static let maxSeparatorByteCount = 1_000

  /// One message as it is kept: separator gone, quoting undone.
  struct Message {
    let bytes: [UInt8]
    let separator: [UInt8]
    /// The message is longer than the limit: `bytes` holds its beginning and the rest has been passed over.
    let isOversize: Bool
  }

  init(_ source: ByteSource, maxByteCount: Int) {
    lines = LineReader(source)
    self.maxByteCount = maxByteCount
  }

  /// - Throws: what the source throws.
  mutating func next() throws -> Message? {
    if separator == nil { try skipToFirstSeparator() }
    guard let separator else { return nil }
    self.separator = nil
    var message = MboxMessage(maxByteCount: maxByteCount)
    while let line = try lines.next() {
      guard message.mayEndHere, Self.isSeparator(line) else {
        message.append(line)
        continue
      }
      // A copy: the reader's buffer must not be shared while it looks ahead.
      let found = Array(line.bytes)
      guard let missing = message.missingByContentLength, try isBoundary(missing, from: found) else {
        self.separator = found
        break
      }
      message.goOnVerbatim()
      message.append(LineReader.Line(bytes: found[...], isStart: true))
    }
    return Message(bytes: message.finish(), separator: separator, isOversize: message.isOversize)
  }

  private mutating func skipToFirstSeparator() throws {
    while let line = try lines.next() {
      if Self.isSeparator(line) {
        separator = Array(line.bytes)
        hasSeparator = true
        return
      }
    }
  }

  /// Whether `byteCount` bytes on, counted from the start of the line just taken, a message ends: at a separator or the
  /// end of the file, either after at most two line ends (of a last line without one, and of the empty line).
  private mutating func isBoundary(_ byteCount: Int, from line: [UInt8]) throws -> Bool {
    guard byteCount >= line.count, byteCount <= maxByteCount,
      var ahead = try lines.peek(at: byteCount - line.count, byteCount: Self.maxSeparatorByteCount + 4)
    else { return false }
    for _ in 0..<2 {
      if ahead.first == 0x0A {
        ahead = ahead.dropFirst()
      } else if ahead.starts(with: [0x0D, 0x0A]) {
        ahead = ahead.dropFirst(2)
      }
    }
    if ahead.isEmpty { return true }
    let end = ahead.firstIndex(of: 0x0A).map { $0 + 1 } ?? ahead.endIndex
    return Self.isSeparator(LineReader.Line(bytes: ahead[..<end], isStart: true))
  }

  /// `From ` with a date behind it. Text has lines such as `From 9:30 on`, so a date in words is asked for.
  static func isSeparator(_ line: LineReader.Line) -> Bool {
    line.isStart && line.bytes.starts(with: "From ".utf8) && line.bytes.count <= maxSeparatorByteCount
      && MboxSeparatorDate.parse(line.bytes) != nil
  }
}
