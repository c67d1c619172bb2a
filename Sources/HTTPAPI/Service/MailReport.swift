/// What a user says of a message.
package enum MailReport: String, CaseIterable, Sendable {
  case spam, ham, phishing
}
