/// Which terms are at most so many edits away from a word: a letter more, a letter less, another letter, or two neighbours
/// the other way round (Damerau's edits, the two letters not touched again: optimal string alignment). Letters are scalars.
///
/// Bit-parallel: a column of the table of distances is two words of bits, so that a letter of the term costs a few
/// instructions (Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003).
struct EditDistance: Sendable {
  /// What a word of 64 bits holds.
  static let maxLength = 64

  private let limit: Int
  private let length: Int
  /// Where each letter stands in the word, as bits.
  private let places: [UInt32: UInt64]
  /// The same of ASCII, without a look-up.
  private let asciiPlaces: [UInt64]
  /// Terms are words like this one: a compound, which has punctuation in it, is none.
  private let hasPunctuation: Bool

  /// - Parameter term: of at most `maxLength` scalars; of a longer one nothing is near.
  init(to term: [UInt8], limit: Int) {
    var places: [UInt32: UInt64] = [:]
    var ascii = [UInt64](repeating: 0, count: 128)
    var length = 0
    var index = 0
    while index < term.count {
      let (scalar, byteCount) = UTF8Scalar.decode(term.span, at: index)
      index += max(1, byteCount)
      if length < Self.maxLength {
        places[scalar, default: 0] |= 1 << UInt64(length)
        if scalar < 128 { ascii[Int(scalar)] |= 1 << UInt64(length) }
      }
      length += 1
    }
    self.limit = length <= Self.maxLength ? limit : -1
    self.length = length
    self.places = places
    asciiPlaces = ascii
    hasPunctuation = term.contains(where: Self.isPunctuation)
  }

  func isWithinLimit(_ term: Span<UInt8>) -> Bool {
    // A scalar takes one to four bytes: far too long or too short is told without looking.
    guard limit >= 0, length > 0, term.count >= length - limit, term.count <= 4 * (length + limit) else { return false }
    var vertical = (positive: UInt64.max, negative: UInt64(0))
    var (lastZeros, lastPlaces) = (UInt64(0), UInt64(0))
    var distance = length
    let top: UInt64 = 1 << UInt64(length - 1)
    var index = 0
    var count = 0
    while index < term.count {
      let place: UInt64
      let first = term[index]
      if first < 0x80 {
        if !hasPunctuation, Self.isPunctuation(first) { return false }
        place = asciiPlaces[Int(first)]
        index += 1
      } else {
        let (scalar, byteCount) = UTF8Scalar.decode(term, at: index)
        place = places[scalar] ?? 0
        index += max(1, byteCount)
      }
      count += 1
      if count > length + limit { return false }
      let swapped = ((~lastZeros & place) << 1) & lastPlaces
      let zeros =
        (((place & vertical.positive) &+ vertical.positive) ^ vertical.positive) | place | vertical.negative | swapped
      var positive = vertical.negative | ~(zeros | vertical.positive)
      var negative = zeros & vertical.positive
      if positive & top != 0 { distance += 1 }
      if negative & top != 0 { distance -= 1 }
      positive = positive << 1 | 1
      negative <<= 1
      vertical = (negative | ~(zeros | positive), zeros & positive)
      (lastZeros, lastPlaces) = (zeros, place)
    }
    return distance <= limit
  }

  private static func isPunctuation(_ byte: UInt8) -> Bool {
    byte < 0x80 && !(48...57).contains(byte) && !(97...122).contains(byte)
  }
}
