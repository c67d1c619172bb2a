/// Finds the end of a mail's data and undoes dot-stuffing (RFC 5321 §4.5.2).
///
/// Only CR LF . CR LF ends the data; the CR LF that ended the DATA command counts as the first. Every other look-alike
/// (LF . LF, LF . CR LF, CR . CR, CR LF . LF, CR LF . CR) is content that holds a bare CR or LF, which the session
/// refuses once the true end has come, so no second mail can be smuggled past a server that reads ends differently.
/// What is decoded after a bare CR or LF is never kept and only has to find the true end.
///
///                 '.'              CR                 LF
///     lineStart ──────▶ afterDot ──────▶ afterDotCR ──────▶ end
///      ▲    │ else        │ else (the dot was stuffing)
///      │    ▼             ▼
///      │   inLine ◀───────┘
///      │ LF   │ CR
///     afterCR ◀
struct DataDecoder: Sendable {
  private enum State { case lineStart, inLine, afterCR, afterDot, afterDotCR }

  private var state = State.lineStart
  /// Content so far, as RFC 1870 §5 counts: with each CR LF, without stuffed dots and without the end.
  private(set) var byteCount = 0
  private(set) var hasBareLineEnding = false

  /// Decodes from `position` on and appends the content to `content`. Returns true at the end of the data, `position`
  /// then being that of the next command.
  mutating func decode(_ bytes: [UInt8], at position: inout Int, into content: inout [UInt8]) -> Bool {
    let span = bytes.span
    let count = span.count
    // Content is copied in runs as long as nothing has to be left out: a chunk without stuffed dots is one copy.
    var runStart = position
    var index = position
    var isAtEnd = false
    while index < count, !isAtEnd {
      switch state {
      case .inLine:
        while index < count, span[index] > 13 || (span[index] != 10 && span[index] != 13) { index += 1 }
        guard index < count else { continue }
        if span[index] == 13 { state = .afterCR } else { hasBareLineEnding = true }
        index += 1
      case .afterCR:
        if span[index] == 10 {
          state = .lineStart
          index += 1
        } else {
          hasBareLineEnding = true
          state = .inLine
        }
      case .lineStart:
        state = .inLine
        guard span[index] == UInt8(ascii: ".") else { continue }
        append(bytes[runStart..<index], to: &content)
        state = .afterDot
        index += 1
        runStart = index
      case .afterDot:
        state = .inLine
        guard span[index] == 13 else { continue }
        state = .afterDotCR
        index += 1
        runStart = index
      case .afterDotCR:
        if span[index] == 10 {
          isAtEnd = true
          index += 1
          runStart = index
        } else {
          hasBareLineEnding = true
          state = .inLine
        }
      }
    }
    append(bytes[runStart..<index], to: &content)
    position = index
    return isAtEnd
  }

  private mutating func append(_ run: ArraySlice<UInt8>, to content: inout [UInt8]) {
    byteCount += run.count
    content.append(contentsOf: run)
  }
}
