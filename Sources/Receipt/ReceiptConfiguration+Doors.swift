import SMTP

extension ReceiptConfiguration {
  /// What the sessions at a door are told.
  func session(at door: Door, hasCertificate: Bool) -> SMTPConfiguration {
    var session = session
    session.tls =
      switch door.speech {
      case .smtp: hasCertificate ? .offered : .none
      case .smtpOverTLS: .implicit
      case .lmtp: .none
      }
    session.dialect = door.speech == .lmtp ? .lmtp : .smtp
    return session
  }
}
