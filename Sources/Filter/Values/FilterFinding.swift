package import MailStore

/// What a filter would have done with a mail, in the order of severity.
///
/// What is known for certain outranks what only time will tell: a mail in which one filter finds a virus is not put off
/// because another would greylist it.
package enum FilterAction: String, CaseIterable, Hashable, Sendable, Comparable {
  case deliver, spam, `defer`, quarantine, reject

  package static func < (left: Self, right: Self) -> Bool { left.severity < right.severity }

  private var severity: Int {
    switch self {
    case .deliver: 0
    case .spam: 1
    case .defer: 2
    case .quarantine: 3
    case .reject: 4
    }
  }
}

/// A header field that a filter wants to be added to the mail.
package struct FilterHeader: Hashable, Sendable {
  package let name: String
  package let value: String

  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// What one filter found in one mail.
package struct FilterFinding: Hashable, Sendable {
  package var action: FilterAction
  /// Higher is worse.
  package var score: Double
  package var symbols: [MailVerdict.Symbol]
  package var headers: [FilterHeader]
  /// For people; empty where there is nothing to say.
  package var reason: String
  /// What to tell the sender of a mail that is refused or put off; nil for a text of ours.
  package var reply: String?
  /// When to try again what is put off; nil for whenever.
  package var retryAfter: Duration?

  package init(
    action: FilterAction = .deliver, score: Double = 0, symbols: [MailVerdict.Symbol] = [],
    headers: [FilterHeader] = [], reason: String = "", reply: String? = nil, retryAfter: Duration? = nil
  ) {
    self.action = action
    self.score = score
    self.symbols = symbols
    self.headers = headers
    self.reason = reason
    self.reply = reply
    self.retryAfter = retryAfter
  }
}
