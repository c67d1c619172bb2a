/// Which terms are at most so many edits away from a word: a letter more, a letter less, another letter, or two neighbours
/// the other way round (Damerau's edits, the two letters not touched again: optimal string alignment). Letters are scalars.
///
/// Bit-parallel: a column of the table of distances is two words of bits, so that a letter of the term costs a few
/// instructions (Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003).
struct EditDistance: Sendable {
  /// What a word of 64 bits holds.
  static let maxLength = 64

  /// Whether a term is short enough to be measured from.
  static func canMeasure(_ term: [UInt8]) -> Bool { term.count { $0 & 0xC0 != 0x80 } <= maxLength }

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
    var column = Column(length)
    guard walk(term, &column) else { return false }
    return column.last <= limit
  }

  /// Whether some term that begins so may be within the limit.
  func isReachable(from beginning: Span<UInt8>) -> Bool {
    guard limit >= 0, length > 0 else { return false }
    var column = Column(length)
    // What a cut letter will be is not known.
    return walk(beginning.extracting(first: Self.wholeByteCount(beginning)), &column) && column.least <= limit
  }

  private static func wholeByteCount(_ bytes: Span<UInt8>) -> Int {
    var start = bytes.count
    while start > 0, bytes[start - 1] & 0xC0 == 0x80 { start -= 1 }
    guard start > 0, bytes[start - 1] >= 0xC0 else { return bytes.count }
    let needed = bytes[start - 1] >= 0xF0 ? 4 : bytes[start - 1] >= 0xE0 ? 3 : 2
    return bytes.count - (start - 1) >= needed ? bytes.count : start - 1
  }

  /// - Returns: false for a term that cannot be near whatever its distance.
  private func walk(_ term: Span<UInt8>, _ column: inout Column) -> Bool {
    var index = 0
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
      column.take(place)
      if column.count > length + limit { return false }
    }
    return true
  }

  /// The distances of the word's beginnings from what was read of the term.
  private struct Column {
    private let length: Int
    private var positive = UInt64.max
    private var negative: UInt64 = 0
    private var lastZeros: UInt64 = 0
    private var lastPlaces: UInt64 = 0
    /// Letters read: the distance of nothing.
    private(set) var count = 0
    /// The distance of the whole word.
    private(set) var last: Int

    init(_ length: Int) {
      self.length = length
      last = length
    }

    mutating func take(_ place: UInt64) {
      count += 1
      let top: UInt64 = 1 << UInt64(length - 1)
      let swapped = ((~lastZeros & place) << 1) & lastPlaces
      let zeros = (((place & positive) &+ positive) ^ positive) | place | negative | swapped
      var more = negative | ~(zeros | positive)
      var less = zeros & positive
      if more & top != 0 { last += 1 }
      if less & top != 0 { last -= 1 }
      more = more << 1 | 1
      less <<= 1
      positive = less | ~(zeros | more)
      negative = zeros & more
      (lastZeros, lastPlaces) = (zeros, place)
    }

    /// The least distance of any beginning.
    var least: Int {
      var distance = count
      var least = count
      for index in 0..<UInt64(length) {
        distance += Int(positive >> index & 1) - Int(negative >> index & 1)
        least = min(least, distance)
      }
      return least
    }
  }

  private static func isPunctuation(_ byte: UInt8) -> Bool {
    byte < 0x80 && !(48...57).contains(byte) && !(97...122).contains(byte)
  }
}
