/// Walks the documents at which all of several iterators stop: the one that stops least often leads, the others leap after it.
final class IntersectionIterator: DocumentIterator {
  let lead: DocumentIterator
  let others: [DocumentIterator]
  /// Those that may stop in vain.
  private let inexact: [DocumentIterator]
  private let deadline: SearchDeadline
  private var leaps = 0

  /// - Parameter iterators: one or more.
  init(_ iterators: [DocumentIterator], _ deadline: SearchDeadline) throws {
    self.deadline = deadline
    let sorted = iterators.sorted { $0.cost < $1.cost }
    lead = sorted[0]
    others = Array(sorted.dropFirst())
    inexact = sorted.filter { !$0.isExact }
    super.init(cost: lead.cost, isExact: inexact.isEmpty)
    try align()
  }

  override func advance(to target: UInt32) throws {
    guard ordinal < target else { return }
    try lead.advance(to: target)
    try align()
  }

  private func align() throws {
    var index = 0
    while lead.ordinal != Self.end, index < others.count {
      let other = others[index]
      try other.advance(to: lead.ordinal)
      if other.ordinal == lead.ordinal {
        index += 1
      } else {
        try lead.advance(to: other.ordinal)
        index = 0
        leaps += 1
        if leaps % 4_096 == 0 { try deadline.check() }
      }
    }
    ordinal = lead.ordinal
  }

  override func matches() throws -> Bool {
    for iterator in inexact where try !iterator.matches() { return false }
    return true
  }
}
