/// `text/plain; format=flowed` (RFC 3676): joins the lines of a paragraph again, also inside quotes.
enum FlowedText {
  /// `deletesSpaces` is DelSp=yes: the blank at the end of a flowed line was put there for the break only, as languages
  /// without blanks between words need.
  static func unfolded(_ text: String, deletesSpaces: Bool) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(text.utf8.count)
    var openDepth: Int?
    for line in Array(text.utf8).split(separator: 0x0A, omittingEmptySubsequences: false) {
      let depth = line.prefix { $0 == 0x3E }.count
      var content = line.dropFirst(depth)
      if content.last == 0x0D { content.removeLast() }
      if content.first == 0x20 { content.removeFirst() }
      let isSignatureMark = content.elementsEqual([0x2D, 0x2D, 0x20])
      let isFlowed = content.last == 0x20 && !isSignatureMark
      if openDepth != depth || isSignatureMark {
        if openDepth != nil { output.append(0x0A) }
        output += repeatElement(0x3E, count: depth)
        if depth > 0 && !content.isEmpty { output.append(0x20) }
      }
      output += isFlowed && deletesSpaces ? content.dropLast() : content
      openDepth = isFlowed ? depth : nil
      if !isFlowed { output.append(0x0A) }
    }
    // The split gives one more line than there are line ends.
    if output.last == 0x0A { output.removeLast() }
    return String(decoding: output, as: UTF8.self)
  }
}
