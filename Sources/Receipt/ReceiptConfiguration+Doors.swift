import SMTP

extension ReceiptConfiguration {
  /// What the sessions at a door are told.
  func session(at door: Door, hasCertificate: Bool) -> SMTPConfiguration {
    var session = session
    session.tls =
      switch door.speech {
      case .smtp, .submission: hasCertificate ? .offered : .none
      case .smtpOverTLS, .submissionOverTLS: .implicit
      case .lmtp: .none
      }
    session.dialect = door.speech == .lmtp ? .lmtp : .smtp
    session.isSubmission = door.speech == .submission || door.speech == .submissionOverTLS
    return session
  }
}
