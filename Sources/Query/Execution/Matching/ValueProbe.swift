import Analysis

/// Tells of most values in which a query's words do not stand that they do not, without taking them apart: a term of a text in
/// ASCII is a piece of it in small letters. Worth its while where no filter has chosen the record: for beginnings, parts and
/// forms of words.
struct ValueProbe {
  private static let pieceLimit = 16
  /// Letters of a piece that are looked for: a value without them does not have the rest.
  private static let pieceByteCount = 8
  /// Bytes between two looks at the deadline.
  private static let bytesPerLook = 1 << 16

  /// In small letters; one of them is in every value in ASCII that matches.
  private let pieces: [[UInt8]]
  private var firstBytes = [Bool](repeating: false, count: 256)

  /// `nil` where it can tell nothing, or where whole words are looked for alone.
  init?(_ words: [PhraseElement], _ matchers: [(word: Int, matcher: TermMatcher)]) {
    guard words.contains(where: { $0.shape != .whole }) else { return nil }
    var pieces: [[UInt8]] = []
    for (index, word) in words.enumerated() {
      switch word.shape {
      // What has accents is in no ASCII.
      case .whole, .beginning: if word.folded == nil { pieces.append(word.term) }
      case .part: pieces.append(word.term)
      // Hangul is in no ASCII.
      case .initials: break
      case .near: return nil
      case .stem:
        guard case .stem(let matcher)? = matchers.first(where: { $0.word == index })?.matcher else { return nil }
        pieces += matcher.beginnings
      }
    }
    pieces.removeAll { $0.contains { $0 >= 0x80 } }
    guard pieces.count <= Self.pieceLimit else { return nil }
    self.pieces = pieces.map { Array($0.prefix(Self.pieceByteCount)) }
    for piece in pieces { firstBytes[Int(piece[0])] = true }
  }

  /// Whether a word may stand in the value; always of one that is not ASCII, and past the deadline.
  func mayMatch(_ value: Span<UInt8>, _ deadline: SearchDeadline) -> Bool {
    var isFound = false
    for index in value.indices {
      if index % Self.bytesPerLook == Self.bytesPerLook - 1, deadline.isPast { return true }
      let byte = value[index]
      if byte >= 0x80 { return true }
      if !isFound, firstBytes[Int(Self.small(byte))] {
        isFound = pieces.contains { Self.stands($0, in: value, at: index) }
      }
    }
    return isFound
  }

  private static func stands(_ piece: [UInt8], in value: Span<UInt8>, at start: Int) -> Bool {
    guard piece.count <= value.count - start else { return false }
    for index in piece.indices where small(value[start + index]) != piece[index] { return false }
    return true
  }

  private static func small(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
