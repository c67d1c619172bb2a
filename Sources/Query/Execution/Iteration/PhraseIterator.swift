import Index

/// Walks the documents that hold all words of a phrase, and lets through those in which they stand in their places in one of
/// the fields.
final class PhraseIterator: DocumentIterator {
  /// Which word is to stand how far behind the first.
  struct Place {
    let word: Int
    let distance: UInt32
  }

  let words: [DocumentIterator]
  private let places: [Place]
  private let fields: RecordFields
  private let truncated: [UInt32]
  private let verify: (_ ordinal: UInt32) throws -> Bool
  private let deadline: SearchDeadline
  private let conjunction: IntersectionIterator
  private var buffers = Buffers()

  /// - Parameters:
  ///   - words: the different ones, each with positions.
  ///   - places: two or more, the first at the distance 0.
  ///   - truncated: documents of which not all positions are there, ascending; where those do not match, `verify` is
  ///     asked.
  init(
    _ words: [DocumentIterator], at places: [Place], in fields: RecordFields, _ truncated: [UInt32],
    _ deadline: SearchDeadline, verify: @escaping (_ ordinal: UInt32) throws -> Bool
  ) throws {
    self.words = words
    self.places = places
    self.fields = fields
    self.truncated = truncated
    self.verify = verify
    self.deadline = deadline
    conjunction = try IntersectionIterator(words, deadline)
    super.init(cost: conjunction.cost, isExact: false)
    ordinal = conjunction.ordinal
  }

  override var asksRecords: Bool { !truncated.isEmpty || conjunction.asksRecords }

  override func advance(to target: UInt32) throws {
    try conjunction.advance(to: target)
    ordinal = conjunction.ordinal
  }

  override func matches() throws -> Bool {
    var common = fields
    for word in words { common.formIntersection(try word.fieldsHere()) }
    while let field = common.popFirst() {
      if try buffers.match(words, places, in: field) { return true }
      if buffers.isDeadlineDue { try deadline.check() }
    }
    return try isTruncated && verify(ordinal)
  }

  private var isTruncated: Bool {
    var low = 0
    var high = truncated.count
    while low < high {
      let middle = (low + high) / 2
      if truncated[middle] < ordinal { low = middle + 1 } else { high = middle }
    }
    return low < truncated.count && truncated[low] == ordinal
  }
}

/// Kept from one document to the next.
private struct Buffers {
  private var candidates: [UInt32] = []
  private var positions: [UInt32] = []
  private var comparedCount = 0

  /// After some hundred thousand positions were compared.
  var isDeadlineDue: Bool {
    mutating get {
      if comparedCount < 1 << 18 { return false }
      comparedCount = 0
      return true
    }
  }

  mutating func match(
    _ words: [DocumentIterator], _ places: [PhraseIterator.Place], in field: RecordField
  ) throws -> Bool {
    Self.empty(&candidates)
    Self.empty(&positions)
    try words[places[0].word].appendPositions(in: field, to: &candidates)
    var last = places[0].word
    for place in places.dropFirst() {
      if candidates.isEmpty { return false }
      if place.word != last || positions.isEmpty {
        Self.empty(&positions)
        try words[place.word].appendPositions(in: field, to: &positions)
        last = place.word
      }
      comparedCount += candidates.count + positions.count
      Self.keep(&candidates, behindWhich: positions, by: place.distance)
    }
    return !candidates.isEmpty
  }

  /// Keeps the room. A word stands in a field once or twice, and `removeAll` goes the long way of replacing a range.
  private static func empty(_ positions: inout [UInt32]) {
    if positions.count > 16 { return positions.removeAll(keepingCapacity: true) }
    while !positions.isEmpty { positions.removeLast() }
  }

  /// Keeps those so far behind which a position lies.
  private static func keep(_ candidates: inout [UInt32], behindWhich positions: [UInt32], by distance: UInt32) {
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
    // One by one: `removeLast(_:)` goes the long way of replacing a range, and mostly one goes or none.
    while candidates.count > kept { candidates.removeLast() }
  }
}
