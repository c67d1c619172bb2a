/// Gives the parser its input and lays out the text that it reports. A class, because C callbacks carry a pointer to it; it
/// lives on one thread, for one document.
///
/// Once no more is wanted the input ends. The parser's own way to be stopped, `xmlStopParser`, takes the input away while
/// the parser stands in the middle of a text, where it goes on reading; an element it makes up for such a text
/// (`htmlCheckParagraph`) is no better place to call it.
final class HTMLTextSink {
  /// Deeper documents are built to make parsers slow: each end tag costs a look at all open elements.
  private static let depthLimit = 256

  private let input: [UInt8]
  /// How much of the input the parser was given.
  private(set) var givenByteCount = 0
  private var layout: HTMLTextLayout
  private var depth = 0
  private var invisibleDepth = 0
  private(set) var hasGivenUp = false

  init(_ html: String, limit: Int) {
    input = Array(html.utf8)
    layout = HTMLTextLayout(limit: limit)
  }

  /// There is more text than the limit allowed.
  var isCut: Bool { layout.isFull }

  /// Writes the next bytes of the input, whole characters, and returns how many; 0 is its end.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard !hasGivenUp, !layout.isFull else { return 0 }
    var end = min(givenByteCount + buffer.count, input.count)
    while end > givenByteCount, end < input.count, input[end] & 0xC0 == 0x80 { end -= 1 }
    let count = end - givenByteCount
    unsafe buffer.copyBytes(from: input[givenByteCount..<end])
    givenByteCount = end
    return count
  }

  func start(_ element: HTMLElement) {
    depth += 1
    if depth > Self.depthLimit { hasGivenUp = true }
    if case .invisible = element { invisibleDepth += 1 } else { layout.start(element) }
  }

  func end(_ element: HTMLElement) {
    depth -= 1
    if case .invisible = element { invisibleDepth = max(0, invisibleDepth - 1) } else { layout.end(element) }
  }

  func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard invisibleDepth == 0, !layout.isFull else { return }
    unsafe layout.append(bytes)
  }

  func finish() -> String { layout.finish() }
}
