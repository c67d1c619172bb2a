/// Text growing line by line as HTML's elements ask: runs of blanks are one, blocks break lines, paragraphs leave one
/// line empty.
struct HTMLTextLayout {
  private let limit: Int
  private var output: [UInt8] = []
  /// Line ends and blank to write before the next visible byte.
  private var pendingBreaks = 0
  private var isBlankPending = false
  private var preformattedDepth = 0

  init(limit: Int) { self.limit = limit }

  /// Over the limit: nothing more is needed, and the end will be cut off.
  private(set) var isFull = false

  mutating func start(_ element: HTMLElement) {
    if case .preformatted = element { preformattedDepth += 1 }
    breakLine(element)
  }

  mutating func end(_ element: HTMLElement) {
    if case .preformatted = element { preformattedDepth = max(0, preformattedDepth - 1) }
    if case .lineBreak = element { return }
    breakLine(element)
  }

  private mutating func breakLine(_ element: HTMLElement) {
    switch element {
    case .inline, .invisible: break
    case .block: pendingBreaks = max(pendingBreaks, 1)
    case .lineBreak: pendingBreaks = min(pendingBreaks + 1, 2)
    case .paragraph, .preformatted: pendingBreaks = 2
    case .cell: isBlankPending = true
    }
  }

  mutating func append(_ text: some Sequence<UInt8>) {
    for byte in text { append(byte) }
    if output.count > limit { isFull = true }
  }

  private mutating func append(_ byte: UInt8) {
    // U+00A0 is C2 A0: a blank to everyone who reads or searches.
    if byte == 0xA0, output.last == 0xC2 {
      output[output.count - 1] = 0x20
      return
    }
    if byte.isSpace || byte == 0x0C {
      if preformattedDepth > 0 && byte == 0x0A {
        pendingBreaks += 1
        isBlankPending = false
      } else if preformattedDepth > 0 && byte != 0x0D {
        flushPending()
        output.append(byte)
      } else {
        isBlankPending = true
      }
      return
    }
    guard byte >= 0x20 else { return }
    flushPending()
    output.append(byte)
  }

  private mutating func flushPending() {
    if pendingBreaks > 0 {
      while output.last == 0x20 { output.removeLast() }
      if !output.isEmpty { output += repeatElement(0x0A, count: pendingBreaks) }
    } else if isBlankPending, !output.isEmpty, output.last != 0x20, output.last != 0x0A {
      output.append(0x20)
    }
    pendingBreaks = 0
    isBlankPending = false
  }

  mutating func finish() -> String {
    while let last = output.last, last == 0x20 || last == 0x0A { output.removeLast() }
    return String(decoding: output[...].utf8Prefix(limit), as: UTF8.self)
  }
}
