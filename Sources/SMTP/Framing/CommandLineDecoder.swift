/// Cuts the client's bytes into command lines.
///
/// Only CR LF ends a line (RFC 5321 §2.3.8). A line that breaks the rules is answered at once, so that a person whose
/// terminal sends LF alone sees why, and its remainder up to the next CR LF is thrown away unseen: what follows a bare
/// LF never becomes a command, and there is one answer per CR LF however the bytes arrive.
struct CommandLineDecoder: Sendable {
  enum Result: Equatable {
    /// All bytes are taken, the line goes on.
    case incomplete
    /// Without its CR LF.
    case line([UInt8])
    /// A CR without LF or an LF without CR, after these bytes.
    case bareLineEnding([UInt8])
    /// Longer than the limit, with how it begins. Said once for the line.
    case tooLong([UInt8])
    /// A refused line goes on and on: nothing sensible will come.
    case endless
  }

  /// Of a line with its CR LF.
  var maxLineByteCount: Int
  /// After the refusal of a line.
  private let maxDiscardedByteCount: Int
  private var line: [UInt8] = []
  private var sawCarriageReturn = false
  private var isDiscarding = false
  private var discardedByteCount = 0

  init(maxLineByteCount: Int, maxDiscardedByteCount: Int) {
    self.maxLineByteCount = maxLineByteCount
    self.maxDiscardedByteCount = maxDiscardedByteCount
  }

  /// Takes bytes from `position` on until a line is complete or refused, or the bytes are used up.
  mutating func next(in bytes: [UInt8], at position: inout Int) -> Result {
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      let isEnd = sawCarriageReturn && byte == UInt8(ascii: "\n")
      if isDiscarding {
        if isEnd { startNextLine() } else if let result = discard(byte) { return result }
        continue
      }
      if isEnd {
        let complete = line
        startNextLine()
        return .line(complete)
      }
      if sawCarriageReturn || byte == UInt8(ascii: "\n") { return refuse(.bareLineEnding(line), at: byte) }
      sawCarriageReturn = byte == UInt8(ascii: "\r")
      if !sawCarriageReturn { line.append(byte) }
      if line.count + 2 > maxLineByteCount { return refuse(.tooLong(line), at: byte) }
    }
    return .incomplete
  }

  private mutating func startNextLine() {
    line = []
    sawCarriageReturn = false
    isDiscarding = false
    discardedByteCount = 0
  }

  private mutating func refuse(_ result: Result, at byte: UInt8) -> Result {
    startNextLine()
    isDiscarding = true
    sawCarriageReturn = byte == UInt8(ascii: "\r")
    return result
  }

  private mutating func discard(_ byte: UInt8) -> Result? {
    sawCarriageReturn = byte == UInt8(ascii: "\r")
    discardedByteCount += 1
    return discardedByteCount > maxDiscardedByteCount ? .endless : nil
  }
}
