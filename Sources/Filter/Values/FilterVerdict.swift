package import MailStore

/// What all filters together made of a mail.
package struct FilterVerdict: Hashable, Sendable {
  package let verdict: MailVerdict
  /// To be put before the mail's own, in this order: names and values are safe to write as they are.
  package let headers: [FilterHeader]
  /// A filter asked to refuse the mail. That can be done before the 250 alone; after it the verdict counts, which then is
  /// `quarantine`.
  package let isRejected: Bool
  /// Of a mail that is refused, the text behind `554 5.7.1`; nil otherwise.
  package let reply: String?

  package init(verdict: MailVerdict, headers: [FilterHeader] = [], isRejected: Bool = false, reply: String? = nil) {
    self.verdict = verdict
    self.headers = headers
    self.isRejected = isRejected
    self.reply = reply
  }
}
