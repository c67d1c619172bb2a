import Index

/// Walks the documents at which any of several iterators stops: a heap by ordinal, so that a prefix of a thousand words costs
/// what its documents cost and not what its words do.
final class UnionIterator: DocumentIterator {
  private(set) var heap: [DocumentIterator]

  init(_ iterators: [DocumentIterator]) {
    // Loops: closures in this initializer make the optimizer of Swift 6.3 crash.
    heap = []
    var cost = 0
    var isExact = true
    for iterator in iterators where iterator.ordinal != Self.end {
      heap.append(iterator)
      cost += iterator.cost
      isExact = isExact && iterator.isExact
    }
    super.init(cost: cost, isExact: isExact)
    for index in heap.indices.reversed() { siftDown(index) }
    ordinal = heap.first?.ordinal ?? Self.end
  }

  override var asksRecords: Bool { !isExact && heap.contains { $0.asksRecords } }

  override func advance(to target: UInt32) throws {
    guard ordinal < target else { return }
    while let first = heap.first, first.ordinal < target {
      try first.advance(to: target)
      if first.ordinal == Self.end {
        heap[0] = heap[heap.count - 1]
        heap.removeLast()
      }
      if !heap.isEmpty { siftDown(0) }
    }
    ordinal = heap.first?.ordinal ?? Self.end
  }

  override func fill(_ window: inout OrdinalWindow) throws {
    var index = 0
    while index < heap.count {
      try heap[index].fill(&window)
      if heap[index].ordinal == Self.end { heap.swapAt(index, heap.count - 1) }
      if heap[heap.count - 1].ordinal == Self.end { heap.removeLast() } else { index += 1 }
    }
    for index in heap.indices.reversed() { siftDown(index) }
    ordinal = heap.first?.ordinal ?? Self.end
  }

  override func matches() throws -> Bool { try isExact || anyMatches(at: 0) }

  /// Those that stand here too lie below one another from the top.
  private func anyMatches(at index: Int) throws -> Bool {
    guard index < heap.count, heap[index].ordinal == ordinal else { return false }
    if try heap[index].isExact || heap[index].matches() { return true }
    return try anyMatches(at: 2 * index + 1) || anyMatches(at: 2 * index + 2)
  }

  override func fieldsHere() throws -> RecordFields { try fieldsHere(at: 0) }

  private func fieldsHere(at index: Int) throws -> RecordFields {
    guard index < heap.count, heap[index].ordinal == ordinal else { return [] }
    return try heap[index].fieldsHere().union(fieldsHere(at: 2 * index + 1)).union(fieldsHere(at: 2 * index + 2))
  }

  override func occurrenceCount(in field: RecordField) throws -> Int { try occurrenceCount(at: 0, in: field) }

  private func occurrenceCount(at index: Int, in field: RecordField) throws -> Int {
    guard index < heap.count, heap[index].ordinal == ordinal else { return 0 }
    return try heap[index].occurrenceCount(in: field) + occurrenceCount(at: 2 * index + 1, in: field)
      + occurrenceCount(at: 2 * index + 2, in: field)
  }

  override func appendPositions(in field: RecordField, to positions: inout PositionList) throws {
    try appendPositions(at: 0, in: field, to: &positions)
    positions.sort()
  }

  private func appendPositions(at index: Int, in field: RecordField, to positions: inout PositionList) throws {
    guard index < heap.count, heap[index].ordinal == ordinal else { return }
    try heap[index].appendPositions(in: field, to: &positions)
    try appendPositions(at: 2 * index + 1, in: field, to: &positions)
    try appendPositions(at: 2 * index + 2, in: field, to: &positions)
  }

  private func siftDown(_ start: Int) {
    let sinking = heap[start]
    var index = start
    while true {
      var child = 2 * index + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1].ordinal < heap[child].ordinal { child += 1 }
      guard heap[child].ordinal < sinking.ordinal else { break }
      heap[index] = heap[child]
      index = child
    }
    heap[index] = sinking
  }
}
