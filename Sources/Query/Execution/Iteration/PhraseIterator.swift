import Index

/// Walks the documents that hold all words of a phrase, and lets through those in which they stand in their places in one of
/// the fields.
final class PhraseIterator: DocumentIterator {
  private let words: [DocumentIterator]
  private let places: [Int]
  private let fields: RecordFields
  private let conjunction: IntersectionIterator
  private var buffers = Buffers()

  /// - Parameters:
  ///   - words: two or more, each with positions.
  ///   - places: theirs behind the first, whose own is 0.
  init(_ words: [DocumentIterator], at places: [Int], in fields: RecordFields) throws {
    self.words = words
    self.places = places
    self.fields = fields
    conjunction = try IntersectionIterator(words)
    super.init(cost: conjunction.cost, isExact: false)
    ordinal = conjunction.ordinal
  }

  override func advance(to target: UInt32) throws {
    try conjunction.advance(to: target)
    ordinal = conjunction.ordinal
  }

  override func matches() throws -> Bool {
    var common = fields
    for word in words { common.formIntersection(try word.fieldsHere()) }
    while let field = common.popFirst() {
      if try buffers.matches(words, places, in: field) { return true }
    }
    return false
  }
}

/// Kept from one document to the next.
private struct Buffers {
  private var candidates: [UInt32] = []
  private var positions: [UInt32] = []

  mutating func matches(_ words: [DocumentIterator], _ places: [Int], in field: RecordField) throws -> Bool {
    candidates.removeAll(keepingCapacity: true)
    try words[0].appendPositions(in: field, to: &candidates)
    for index in words.indices.dropFirst() {
      if candidates.isEmpty { return false }
      positions.removeAll(keepingCapacity: true)
      try words[index].appendPositions(in: field, to: &positions)
      keepCandidates(behindWhich: UInt32(places[index]))
    }
    return !candidates.isEmpty
  }

  /// Keeps those so far behind which a position lies.
  private mutating func keepCandidates(behindWhich distance: UInt32) {
    let positions = positions
    var kept = 0
    var place = 0
    for index in candidates.indices {
      let wanted = candidates[index] &+ distance
      while place < positions.count, positions[place] < wanted { place += 1 }
      guard place < positions.count else { break }
      guard positions[place] == wanted else { continue }
      candidates[kept] = candidates[index]
      kept += 1
    }
    candidates.removeLast(candidates.count - kept)
  }
}
