import Bytes

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
  /// The date of the separator that was read last: that of the message behind it.
  private var date: Timestamp?
  private let maxByteCount: Int
  /// False as long as nothing shows that the file is an mbox at all.
  private(set) var hasSeparator = false

  private static let maxSeparatorByteCount = 1_000

  /// One message as it is kept: separator gone, quoting undone.
  struct Message {
    let bytes: [UInt8]
    /// Of its separator.
    let date: Timestamp
    /// The message is longer than the limit: `bytes` holds its beginning and the rest has been passed over.
    let isOversize: Bool
  }

  init(_ source: ByteSource, maxByteCount: Int) {
    lines = LineReader(source)
    self.maxByteCount = maxByteCount
  }

  /// - Throws: what the source throws.
  mutating func next() throws -> Message? {
    if date == nil { try skipToFirstSeparator() }
    guard let date else { return nil }
    self.date = nil
    var message = MboxMessage(maxByteCount: maxByteCount)
    while let line = try lines.next() {
      guard message.mayEndHere, let next = Self.separatorDate(line) else {
        message.append(line)
        continue
      }
      // A copy: the reader's buffer must not be shared while it looks ahead.
      let found = Array(line.bytes)
      guard let missing = message.missingByContentLength, try isBoundary(missing, from: found) else {
        self.date = next
        break
      }
      message.goOnVerbatim()
      message.append(LineReader.Line(bytes: found[...], isStart: true))
    }
    return Message(bytes: message.finish(), date: date, isOversize: message.isOversize)
  }

  private mutating func skipToFirstSeparator() throws {
    while let line = try lines.next() {
      if let date = Self.separatorDate(line) {
        self.date = date
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
    return Self.separatorDate(LineReader.Line(bytes: ahead[..<end], isStart: true)) != nil
  }

  /// `From ` with a date behind it. Text has lines such as `From 9:30 on`, so a date in words is asked for.
  /// - Returns: `nil` for a line that is no separator.
  private static func separatorDate(_ line: LineReader.Line) -> Timestamp? {
    guard line.isStart, line.bytes.starts(with: "From ".utf8), line.bytes.count <= maxSeparatorByteCount else {
      return nil
    }
    return MboxSeparatorDate.parse(line.bytes)
  }
}
