/// Counts the `Received` fields of a mail while its content comes in: each server on its way has left one, and too many
/// mean that it goes round in circles (RFC 5321 §6.3).
///
/// It looks at the header section only, which is where the sessions of all servers write them, and at no more than the
/// beginning of each line.
///
///              other             LF
///     name ──────────▶ restOfLine ──▶ name
///      │ CR                 ▲ "Received" *WSP ":" counts
///      ▼ LF
///     emptyLine ──▶ body
struct HopCounter: Sendable {
  private enum State {
    /// So many bytes of the line are the name's.
    case name(Int)
    case restOfLine, emptyLine, body
  }

  private static let name = Array("RECEIVED".utf8)

  private var state = State.name(0)
  private(set) var count = 0

  /// The next bytes of the content, in pieces of any size.
  mutating func read(_ content: [UInt8]) {
    if case .body = state { return }
    let span = content.span
    var index = 0
    while index < span.count {
      if case .restOfLine = state {
        while index < span.count, span[index] != 10 { index += 1 }
        guard index < span.count else { return }
      }
      step(span[index])
      if case .body = state { return }
      index += 1
    }
  }

  private mutating func step(_ byte: UInt8) {
    switch state {
    case .name(let matched): state = afterName(matched, byte)
    case .restOfLine: if byte == 10 { state = .name(0) }
    case .emptyLine: state = byte == 10 ? .body : .restOfLine
    case .body: break
    }
  }

  private mutating func afterName(_ matched: Int, _ byte: UInt8) -> State {
    if byte == 10 { return .name(0) }
    guard matched == Self.name.count else {
      if matched == 0, byte == 13 { return .emptyLine }
      return byte.asciiUppercased == Self.name[matched] ? .name(matched + 1) : .restOfLine
    }
    // Space before the colon is obsolete, and is still to be understood (RFC 5322 §4.5.8).
    if byte == UInt8(ascii: " ") || byte == 9 { return .name(matched) }
    if byte == UInt8(ascii: ":") { count += 1 }
    return .restOfLine
  }
}
