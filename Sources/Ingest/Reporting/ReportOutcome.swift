import Reports

/// What became of the wish to tell a sender something.
package enum ReportOutcome: String, CaseIterable, Sendable {
  /// It is in the inbound queue, for a user of this server.
  case local
  /// It waits to be given to the relay.
  case relay

  // MARK: nobody is to be told

  case nullSender = "null_sender"
  case isReport = "is_report"
  case loop
  case spam
  case notWanted = "not_wanted"

  // MARK: nobody can be told

  /// The sender is of a domain of ours, and is nobody.
  case unknownSender = "unknown_sender"
  /// The sender is a stranger, and there is no relay.
  case noRelay = "no_relay"
  /// The sender had its share of reports for this minute.
  case limited
  /// The queue or the table of reports is full.
  case noRoom = "no_room"

  init(_ refusal: ReportRules.Refusal) {
    self =
      switch refusal {
      case .nullSender: .nullSender
      case .isReport: .isReport
      case .loop: .loop
      case .spam: .spam
      case .notWanted: .notWanted
      }
  }

  package var isMade: Bool { self == .local || self == .relay }

  /// Another time, or with other settings, it might be made.
  package var isOurFault: Bool { [.noRelay, .limited, .noRoom].contains(self) }
}
