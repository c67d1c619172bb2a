extension MailWords {
  /// Keys, identifiers and encoded data change case everywhere; no word has so many parts, or is so long.
  private static let maxCaseParts = 8
  private static let maxDividedByteCount = 64
  /// Shorter parts are no words of their own: the `i` of `iPhone`. In any other place than the first one it is no name, but a key.
  private static let minLetterCount = 2

  /// Emits the parts into which case divides a word (`getUserName`: get, user, name), each once, all at the word's own position, so
  /// that words around it go on to be its neighbours.
  func emitCaseParts(
    _ text: NormalizedText, _ bytes: Span<UInt8>, _ word: Range<Int>, folds: Bool, _ emitter: inout TokenEmitter,
    _ body: Body
  ) {
    let places = emitter.takeCaseChanges(within: word, of: text)
    guard !places.isEmpty, places.count < Self.maxCaseParts, word.count <= Self.maxDividedByteCount else { return }
    let parts = zip([word.lowerBound] + places, places + [word.upperBound]).map { $0..<$1 }
    let isWord = parts.map { letterCount(bytes, $0) >= Self.minLetterCount }
    guard isWord.dropFirst().allSatisfy({ $0 }) else { return }
    for (number, part) in parts.enumerated() where isWord[number] {
      let isKnown = parts[..<number].contains { Self.areEqual(bytes, $0, part) }
      if !isKnown { emit(.casePart, part, folds: folds, of: text, bytes, &emitter, body) }
    }
  }

  private func letterCount(_ bytes: Span<UInt8>, _ part: Range<Int>) -> Int {
    var (count, index) = (0, part.lowerBound)
    while index < part.upperBound {
      let (characterClass, byteCount) = classify(bytes, at: index)
      if characterClass == .letter { count += 1 }
      index += byteCount
    }
    return count
  }

  private static func areEqual(_ bytes: Span<UInt8>, _ one: Range<Int>, _ other: Range<Int>) -> Bool {
    one.count == other.count && zip(one, other).allSatisfy { bytes[$0] == bytes[$1] }
  }
}
