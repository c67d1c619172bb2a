/// Wants the terms that are at most so many edits away from a word: a letter more, a letter less, another letter, or two neighbours
/// the other way round (Damerau's edits, the two letters not touched again: optimal string alignment). Letters are scalars.
///
/// Bit-parallel: for each number of edits the set of the word's beginnings that the bytes read may be, as bits (Wu and Manber,
/// "Fast text searching allowing errors", 1992; Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit
/// distances", 2003, for the swaps).
package struct NearAutomaton: TermAutomaton {
  /// Bit *i* of a set stands for the word's first *i* letters, so that the longest word has one letter less than a word of 64
  /// bits has bits.
  static let maxLength = 63

  /// Whether a word is short enough to be measured from.
  static func canMeasure(_ word: [UInt8]) -> Bool { word.count { $0 & 0xC0 != 0x80 } <= maxLength }

  package struct State: Sendable {
    /// Beginnings that are so many edits away at most.
    fileprivate var exact: UInt64
    fileprivate var one: UInt64
    fileprivate var two: UInt64
    /// Beginnings behind which the second of two swapped letters was read, and the first is to come.
    fileprivate var swappedOne: UInt64 = 0
    fileprivate var swappedTwo: UInt64 = 0
    /// A letter of which so many bytes are to come yet.
    fileprivate var scalar: UInt32 = 0
    fileprivate var missing: UInt8 = 0

    fileprivate init(exact: UInt64, one: UInt64, two: UInt64) {
      self.exact = exact
      self.one = one
      self.two = two
    }
  }

  private let limit: Int
  /// The bits that stand for something.
  private let all: UInt64
  /// The bit of the whole word.
  private let whole: UInt64
  /// Where each ASCII letter stands in the word, as bits.
  private let asciiPlaces: [UInt64]
  private let otherPlaces: [UInt32: UInt64]
  /// Terms are words like this one: a compound, which has punctuation in it, is none.
  private let isCompound: Bool

  /// - Parameters:
  ///   - word: of one letter to `maxLength`; to a longer or an empty one nothing is near.
  ///   - limit: 1 or 2 edits.
  package init(to word: [UInt8], limit: Int) {
    precondition(limit == 1 || limit == 2)
    var ascii = [UInt64](repeating: 0, count: 128)
    var others: [UInt32: UInt64] = [:]
    var length = 0
    var index = 0
    while index < word.count {
      let (scalar, byteCount) = UTF8Scalar.decode(word.span, at: index)
      index += max(1, byteCount)
      if length < Self.maxLength {
        let place: UInt64 = 1 << UInt64(length)
        if scalar < 128 { ascii[Int(scalar)] |= place } else { others[scalar, default: 0] |= place }
      }
      length += 1
    }
    let canMeasure = (1...Self.maxLength).contains(length)
    self.limit = limit
    whole = canMeasure ? 1 << UInt64(length) : 0
    all = canMeasure ? whole | (whole - 1) : 0
    asciiPlaces = ascii
    otherPlaces = others
    isCompound = word.contains(where: Self.isPunctuation)
  }

  package var start: State {
    State(exact: 1 & all, one: 0b11 & all, two: limit == 2 ? 0b111 & all : 0)
  }

  package func state(after byte: UInt8, from state: State) -> State {
    if byte < 0x80, state.missing == 0 {
      if !isCompound, Self.isPunctuation(byte) { return State(exact: 0, one: 0, two: 0) }
      return self.state(afterLetterAt: asciiPlaces[Int(byte)], from: state)
    }
    return self.state(afterPartOfLetter: byte, from: state)
  }

  /// - Parameter places: where the letter stands in the word.
  private func state(afterLetterAt places: UInt64, from state: State) -> State {
    let exact = (state.exact & places) << 1
    let one =
      (state.one & places) << 1 | state.exact | state.exact << 1 | exact << 1 | (state.swappedOne & places) << 2
    var next = State(exact: exact & all, one: one & all, two: 0)
    next.swappedOne = state.exact & places >> 1
    if limit == 2 {
      let two = (state.two & places) << 1 | state.one | state.one << 1 | one << 1 | (state.swappedTwo & places) << 2
      next.two = two & all
      next.swappedTwo = state.one & places >> 1
    }
    return next
  }

  /// Of a letter of several bytes. Bytes that are no UTF-8 count as letters that the word has not.
  private func state(afterPartOfLetter byte: UInt8, from state: State) -> State {
    var state = state
    if state.missing > 0, byte & 0xC0 != 0x80 {
      state.missing = 0
      return self.state(after: byte, from: self.state(afterLetterAt: 0, from: state))
    }
    if state.missing > 0 {
      state.scalar = state.scalar << 6 | UInt32(byte & 0x3F)
      state.missing -= 1
      if state.missing > 0 { return state }
      return self.state(afterLetterAt: otherPlaces[state.scalar] ?? 0, from: state)
    }
    guard byte >= 0xC0 else { return self.state(afterLetterAt: 0, from: state) }
    state.missing = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1
    state.scalar = UInt32(byte) & (0x3F >> UInt32(state.missing))
    return state
  }

  package func isAccepting(_ state: State) -> Bool {
    state.missing == 0 && (limit == 2 ? state.two : state.one) & whole != 0
  }

  package func isDead(_ state: State) -> Bool {
    limit == 2 ? state.two | state.swappedTwo == 0 : state.one | state.swappedOne == 0
  }

  package func nextByte(above byte: UInt8, from state: State) -> UInt8? {
    guard byte < .max else { return nil }
    // With an edit left any letter may come, and how a letter ends is not looked at.
    if state.missing > 0 || (limit == 2 ? state.one : state.exact) != 0 { return byte + 1 }
    let open = limit == 2 ? state.two | state.swappedTwo : state.one | state.swappedOne
    var next = Int(byte) + 1
    while next < 0x80 {
      if asciiPlaces[next] & open != 0 { return UInt8(next) }
      next += 1
    }
    return otherPlaces.isEmpty || next > 0xF4 ? nil : UInt8(next)
  }

  private static func isPunctuation(_ byte: UInt8) -> Bool {
    byte < 0x80 && !(48...57).contains(byte) && !(97...122).contains(byte)
  }
}
