extension MIMEScanner {
  struct Header {
    var fields: [RawField] = []
    /// Where the body starts; where the delimiter that cut the header off starts, when there is no body.
    var end = 0
    var hasBody = true
  }

  /// Reads a header block up to its blank line.
  ///
  /// A line that is no field ends the header and starts the body, as the blank line was forgotten; inside a header, with
  /// another field after it, it is skipped. A delimiter of an open multipart ends the part.
  mutating func readHeader(at start: Int, isMail: Bool, isOutermost: Bool) -> Header {
    var header = Header()
    var byteCount = 0
    var budget = isOutermost ? limits.headerFieldCount : nestedFieldBudget
    var isKeepingFolds = false
    header.end = isMail ? skipEnvelopeLines(at: start) : start
    while header.end < end {
      let line = lineRange(at: header.end)
      if line.text.isEmpty {
        header.end = line.end
        break
      }
      if delimiter(line.text) != nil {
        header.hasBody = false
        break
      }
      byteCount += min(line.text.count, limits.headerFieldByteCount)
      if isFold(line.text, end: line.end, after: header) {
        if isKeepingFolds { isKeepingFolds = extend(&header, to: line.text.upperBound) }
        if byteCount > limits.headerByteCount { isKeepingFolds = false }
      } else if let field = field(in: line.text) {
        isKeepingFolds = budget > 0 && byteCount <= limits.headerByteCount
        budget -= 1
        if isKeepingFolds { header.fields.append(field) } else { tree.defects.note(.headerLimit) }
      } else if !header.fields.isEmpty && isField(at: line.end) {
        tree.defects.note(.malformedHeader)
        isKeepingFolds = false
      } else {
        break
      }
      header.end = line.end
    }
    if !isOutermost { nestedFieldBudget = max(budget, 0) }
    if isOutermost && header.fields.isEmpty { tree.defects.note(.noHeaders) }
    return header
  }

  /// `From alice@example.com Mon Jan …` of mbox files, which people leave in front of mails.
  private func skipEnvelopeLines(at start: Int) -> Int {
    var position = start
    while position < end {
      let line = lineRange(at: position)
      let text = bytes[line.text]
      guard text.starts(with: Array("From ".utf8)) || text.starts(with: Array(">From ".utf8)) else { break }
      position = line.end
    }
    return position
  }

  /// Whether a line continues the field before it. A blank-looking line does only when the header goes on after it.
  private func isFold(_ line: Range<Int>, end lineEnd: Int, after header: Header) -> Bool {
    guard bytes[line.lowerBound].isBlank, !header.fields.isEmpty else { return false }
    if bytes[line].contains(where: { !$0.isBlank }) { return true }
    guard lineEnd < end else { return true }
    let next = lineRange(at: lineEnd)
    return next.text.isEmpty || bytes[next.text.lowerBound].isBlank || Self.field(in: next.text, of: bytes.span) != nil
  }

  /// Makes the last field longer. False when it has reached its limit.
  private mutating func extend(_ header: inout Header, to position: Int) -> Bool {
    let last = header.fields.count - 1
    let start = header.fields[last].value.lowerBound
    let isWithin = position - start <= limits.headerFieldByteCount
    if !isWithin { tree.defects.note(.headerLimit) }
    header.fields[last].value = start..<(isWithin ? position : start + limits.headerFieldByteCount)
    return isWithin
  }

  /// The field that starts in this line, cut at the limit: a name of printable ASCII, perhaps blanks, a colon.
  private mutating func field(in line: Range<Int>) -> RawField? {
    guard var field = Self.field(in: line, of: bytes.span) else { return nil }
    if field.value.count > limits.headerFieldByteCount {
      tree.defects.note(.headerLimit)
      field.value = field.value.lowerBound..<(field.value.lowerBound + limits.headerFieldByteCount)
    }
    return field
  }

  private func isField(at position: Int) -> Bool {
    position < end && Self.field(in: lineRange(at: position).text, of: bytes.span) != nil
  }

  private static func field(in line: Range<Int>, of bytes: Span<UInt8>) -> RawField? {
    var index = line.lowerBound
    while index < line.upperBound, bytes[index].isFieldNameByte { index += 1 }
    let name = line.lowerBound..<index
    while index < line.upperBound, bytes[index].isBlank { index += 1 }
    guard !name.isEmpty, index < line.upperBound, bytes[index] == 0x3A else { return nil }
    return RawField(name: name, value: (index + 1)..<line.upperBound)
  }
}
