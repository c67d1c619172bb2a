/// What lists have said of a client.
enum BlocklistVerdict: Equatable, Sendable {
  case clean
  /// - Parameters:
  ///   - zones: of the lists that count, at least one.
  ///   - reason: what the first of them says of it, if it says something; for people.
  case listed(zones: [String], reason: String?, isPermanent: Bool)

  /// What a list has answered.
  enum Answer: Equatable, Sendable {
    case pending, notListed, unavailable
    case listed(reason: String?)

    var reason: String? { if case .listed(let reason) = self { reason } else { nil } }
    var isListed: Bool { if case .listed = self { true } else { false } }
  }

  /// One list that rejects is enough; then the sum of weights; then one that defers.
  /// - Parameter answers: as many as there are lists.
  init(_ policy: BlocklistPolicy, _ answers: [Answer]) {
    let listed = zip(policy.lists, answers).filter { $0.1.isListed }
    if let (list, answer) = listed.first(where: { $0.0.action == .reject }) {
      self = .listed(zones: [list.zone], reason: answer.reason, isPermanent: true)
      return
    }
    let scored = listed.filter { $0.0.action == .score }
    let sum = scored.reduce(0) { $0 + $1.0.weight }
    let against = scored.filter { $0.0.weight > 0 }
    if sum >= policy.threshold, let first = against.first {
      self = .listed(zones: against.map(\.0.zone), reason: first.1.reason, isPermanent: true)
    } else if let (list, answer) = listed.first(where: { $0.0.action == .defer }) {
      self = .listed(zones: [list.zone], reason: answer.reason, isPermanent: false)
    } else {
      self = .clean
    }
  }
}
