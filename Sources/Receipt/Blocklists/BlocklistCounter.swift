import Bytes

/// Counts what lists have answered, for the metrics.
package final class BlocklistCounter: Sendable {
  package enum Result: String, CaseIterable, Sendable {
    case listed
    case notListed = "not_listed"
    /// No answer in time, or none that could be understood.
    case unavailable
  }

  package struct Key: Hashable, Sendable {
    package let zone: String
    package let result: Result

    package init(_ zone: String, _ result: Result) {
      self.zone = zone
      self.result = result
    }
  }

  /// Zones come from the operator, but may be others at each reload.
  private static let maxKeys = 1_000
  private let state = Locked([Key: Int]())

  package init() {}

  /// Since the start; nothing for what never was.
  package var counts: [Key: Int] { state.withLock { $0 } }

  func note(_ answer: BlocklistVerdict.Answer, of zone: String) {
    let result: Result? =
      switch answer {
      case .pending: nil
      case .listed: .listed
      case .notListed: .notListed
      case .unavailable: .unavailable
      }
    guard let result else { return }
    let key = Key(zone, result)
    state.withLock { counts in
      if counts[key] != nil || counts.count < Self.maxKeys { counts[key, default: 0] += 1 }
    }
  }
}
