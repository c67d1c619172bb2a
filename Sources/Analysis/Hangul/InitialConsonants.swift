/// The initial consonants of Hangul syllables, which Koreans type for the words that begin their syllables with them: ㅎㅇㄹ
/// for 회의록 (the order and the arithmetic of syllables: The Unicode Standard, section 3.12).
package struct InitialConsonants: Hashable, Sendable {
  /// By the order of the alphabet, 0 to 18.
  private let indices: [UInt8]

  private static let firstSyllable: UInt32 = 0xAC00
  private static let lastSyllable: UInt32 = 0xD7A3
  /// Syllables that begin with one consonant.
  private static let syllablesPerConsonant: UInt32 = 588
  /// ㄱ to ㅎ as they begin a syllable; compatibility letters are normalised to these.
  private static let consonants: ClosedRange<UInt32> = 0x1100...0x1112

  /// - Parameter term: normalised; `nil` where it has anything else than two consonants or more that can begin a syllable.
  init?(_ term: [UInt8]) {
    let scalars = Array(String(decoding: term, as: UTF8.self).unicodeScalars)
    guard scalars.count > 1, scalars.allSatisfy({ Self.consonants.contains($0.value) }) else { return nil }
    indices = scalars.map { UInt8($0.value - Self.consonants.lowerBound) }
  }

  /// Neighbours by two, as the terms of a run are.
  var pairs: [[UInt8]] {
    zip(indices, indices.dropFirst()).map { first, second in
      var text = String.UnicodeScalarView()
      for index in [first, second] {
        if let scalar = Unicode.Scalar(Self.consonants.lowerBound + UInt32(index)) { text.append(scalar) }
      }
      return Array(String(text).utf8)
    }
  }

  /// Whether a term is as many syllables that begin with these.
  package func matches(_ term: Span<UInt8>) -> Bool {
    guard term.count == 3 * indices.count else { return false }
    for (place, index) in indices.enumerated() {
      let value =
        UInt32(term[3 * place] & 0x0F) << 12 | UInt32(term[3 * place + 1] & 0x3F) << 6
        | UInt32(term[3 * place + 2] & 0x3F)
      guard term[3 * place] >> 4 == 0xE, (Self.firstSyllable...Self.lastSyllable).contains(value),
        (value - Self.firstSyllable) / Self.syllablesPerConsonant == UInt32(index)
      else { return false }
    }
    return true
  }

  /// Terms that match lie from the first of these on and before the second, in the order of their bytes.
  package var bounds: (lower: [UInt8], upper: [UInt8]) {
    let start = Self.firstSyllable + UInt32(indices[0]) * Self.syllablesPerConsonant
    func bytes(_ value: UInt32) -> [UInt8] { Unicode.Scalar(value).map { Array(String($0).utf8) } ?? [] }
    return (bytes(start), bytes(start + Self.syllablesPerConsonant))
  }
}
