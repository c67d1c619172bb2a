/// The first few of many hits: a heap with the last of them on top, which the next hit must precede to get in.
struct BestHits {
  private let limit: Int
  private var heap: [RankedHit] = []

  /// - Parameter limit: one or more.
  init(limit: Int) { self.limit = limit }

  mutating func insert(_ hit: RankedHit, _ ranker: inout HitRanker) throws {
    var hit = hit
    if heap.count < limit {
      heap.append(hit)
      try siftUp(heap.count - 1, &ranker)
    } else if try ranker.precedes(&hit, &heap[0]) {
      heap[0] = hit
      try siftDown(0, &ranker)
    }
  }

  /// In order; the heap is empty then.
  mutating func removeAll(_ ranker: inout HitRanker) throws -> [RankedHit] {
    var hits: [RankedHit] = []
    while let last = heap.first {
      hits.append(last)
      let moved = heap.removeLast()
      if heap.isEmpty { break }
      heap[0] = moved
      try siftDown(0, &ranker)
    }
    return hits.reversed()
  }

  private mutating func siftUp(_ start: Int, _ ranker: inout HitRanker) throws {
    var index = start
    while index > 0, try isBefore((index - 1) / 2, index, &ranker) {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func siftDown(_ start: Int, _ ranker: inout HitRanker) throws {
    var index = start
    while true {
      var child = 2 * index + 1
      guard child < heap.count else { return }
      if child + 1 < heap.count, try isBefore(child, child + 1, &ranker) { child += 1 }
      guard try isBefore(index, child, &ranker) else { return }
      heap.swapAt(index, child)
      index = child
    }
  }

  private mutating func isBefore(_ left: Int, _ right: Int, _ ranker: inout HitRanker) throws -> Bool {
    var (one, other) = (heap[left], heap[right])
    let answer = try ranker.precedes(&one, &other)
    // What had to be read stays known.
    if heap[left].text == nil { heap[left].text = one.text }
    if heap[right].text == nil { heap[right].text = other.text }
    return answer
  }
}
