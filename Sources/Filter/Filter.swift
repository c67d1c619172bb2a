/// Looks at mails and says what it found. Safe to be asked by many at once.
package protocol Filter: Sendable {
  /// As in settings, symbols and metrics: `rspamd`.
  var name: String { get }

  /// Ends soon when its task is cancelled: that is how a time limit reaches it.
  /// - Throws: `FilterError` where there is no answer, `CancellationError` when it is cancelled; anything else counts as a
  ///   protocol error.
  func check(_ mail: FilteredMail) async throws -> FilterFinding

  /// Gives back connections and threads; nothing is asked afterwards.
  func shutdown() async
}

extension Filter {
  package func shutdown() async {}
}

/// What a user says that a mail is.
package enum SpamClass: String, CaseIterable, Hashable, Sendable {
  case spam, ham
}

/// Learns from users' reports.
package protocol FilterTrainer: Sendable {
  var name: String { get }

  /// Returns too when there is nothing to learn: a mail that it knows, or from which nothing can be learned. An error is
  /// worth another try.
  /// - Throws: `FilterError`.
  func learn(_ bytes: [UInt8], as spamClass: SpamClass) async throws

  func shutdown() async
}

extension FilterTrainer {
  package func shutdown() async {}
}
