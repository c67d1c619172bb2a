extension MailWords {
  /// Overlapping pairs of neighbouring characters, then the last character alone: `회의록` gives 회의, 의록, 록 at three
  /// consecutive positions. So any part of a run is found: one character as the prefix `X*`, more as a phrase of pairs.
  /// A character is a scalar with the marks that follow it.
  func emitBigrams(
    _ text: NormalizedText, _ bytes: Span<UInt8>, _ run: Range<Int>, _ emitter: inout TokenEmitter, _ body: Body
  ) {
    var first = run.lowerBound
    var second = characterEnd(bytes, from: first, to: run.upperBound)
    while second < run.upperBound, !emitter.isStopped {
      let end = characterEnd(bytes, from: second, to: run.upperBound)
      emitter.emit(.bigram, first..<end, of: text, bytes, to: body)
      emitter.position += 1
      first = second
      second = end
    }
    emitter.emit(.unigram, first..<run.upperBound, of: text, bytes, to: body)
    emitter.position += 1
  }

  private func characterEnd(_ bytes: Span<UInt8>, from start: Int, to limit: Int) -> Int {
    var index = start + classify(bytes, at: start).1
    while index < limit {
      let (characterClass, byteCount) = classify(bytes, at: index)
      guard characterClass == .mark else { break }
      index += byteCount
    }
    return index
  }
}
