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
  private let part: SegmentPart
  /// The part's, which is asked about every document.
  private let truncated: [UInt32]
  private let verify: (_ ordinal: UInt32) throws -> Bool
  private let deadline: SearchDeadline
  private let conjunction: IntersectionIterator
  private var buffers = Buffers()

  /// - Parameters:
  ///   - words: the different ones, each with positions.
  ///   - places: two or more, the first at the distance 0.
  ///   - part: where the words stand. Of documents of which it does not know all positions that matter `verify` is asked.
  init(
    _ words: [DocumentIterator], at places: [Place], in fields: RecordFields, _ part: SegmentPart,
    _ deadline: SearchDeadline, verify: @escaping (_ ordinal: UInt32) throws -> Bool
  ) throws {
    self.words = words
    self.places = places
    self.fields = fields
    self.part = part
    truncated = part.truncated
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
    buffers.sawLimit = false
    while let field = common.popFirst() {
      if try buffers.match(words, places, in: field) { return true }
      if buffers.isDeadlineDue { try deadline.check() }
    }
    guard isTruncated, try buffers.sawLimit || part.mayLackAnyPosition(ordinal) else { return false }
    return try verify(ordinal)
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
  private var candidates = PositionList()
  private var positions = PositionList()
  private var comparedCount = 0
  /// Whether a word was looked at that has as many positions as are kept: there may be more.
  var sawLimit = false

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
    candidates.removeAll()
    try words[places[0].word].appendPositions(in: field, to: &candidates)
    if candidates.count >= SegmentPart.positionLimit { sawLimit = true }
    var last: Int?
    for index in places.indices.dropFirst() {
      let place = places[index]
      if place.word != last {
        positions.removeAll()
        try words[place.word].appendPositions(in: field, to: &positions)
        if positions.count >= SegmentPart.positionLimit { sawLimit = true }
        last = place.word
      }
      comparedCount += candidates.count + positions.count
      // One that stands in all places is enough.
      if index == places.count - 1 { return candidates.isFollowed(by: positions, at: place.distance) }
      candidates.keep(behindWhich: positions, by: place.distance)
      if candidates.isEmpty { return false }
    }
    return !candidates.isEmpty
  }
}
