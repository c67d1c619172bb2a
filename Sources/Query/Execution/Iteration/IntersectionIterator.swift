import Index

/// Walks the documents at which all of several iterators stop: the one that stops least often leads, the others leap after it.
final class IntersectionIterator: DocumentIterator {
  let lead: DocumentIterator
  /// The one that leads, and the others in the order of what they cost.
  let all: [DocumentIterator]
  /// Those that may stop in vain.
  private let inexact: [DocumentIterator]
  private let deadline: SearchDeadline
  private var leaps = 0
  private var own: OrdinalWindow?
  private var scratch: OrdinalWindow?

  /// - Parameter iterators: one or more.
  init(_ iterators: [DocumentIterator], _ deadline: SearchDeadline) throws {
    self.deadline = deadline
    var sorted = iterators
    // A loop: closures in initializers of classes make the optimizer of Swift 6.3 crash.
    for index in sorted.indices.dropFirst() {
      var place = index
      while place > 0, sorted[place].cost < sorted[place - 1].cost {
        sorted.swapAt(place, place - 1)
        place -= 1
      }
    }
    var inexact: [DocumentIterator] = []
    for iterator in sorted where !iterator.isExact { inexact.append(iterator) }
    all = sorted
    lead = sorted[0]
    self.inexact = inexact
    super.init(cost: lead.cost, isExact: inexact.isEmpty)
    try align()
  }

  override var asksRecords: Bool { inexact.contains { $0.asksRecords } }

  override func advance(to target: UInt32) throws {
    guard ordinal < target else { return }
    try lead.advance(to: target)
    try align()
  }

  private func align() throws {
    var index = 1
    while lead.ordinal != Self.end, index < all.count {
      let other = all[index]
      try other.advance(to: lead.ordinal)
      if other.ordinal == lead.ordinal {
        index += 1
      } else {
        try lead.advance(to: other.ordinal)
        index = 1
        leaps += 1
        if leaps % 4_096 == 0 { try deadline.check() }
      }
    }
    ordinal = lead.ordinal
  }

  override func fill(_ window: inout OrdinalWindow) throws {
    var own = own ?? OrdinalWindow()
    var scratch = scratch ?? OrdinalWindow()
    // Kept for the next window, and not copied while they are changed.
    (self.own, self.scratch) = (nil, nil)
    defer { (self.own, self.scratch) = (own, scratch) }
    own.reset(like: window)
    try lead.fill(&own)
    for index in all.indices.dropFirst() where !own.isEmpty { try all[index].narrow(&own, &scratch) }
    window.formUnion(own)
    try align()
  }

  override func matches() throws -> Bool {
    for iterator in inexact where try !iterator.matches() { return false }
    return true
  }
}
