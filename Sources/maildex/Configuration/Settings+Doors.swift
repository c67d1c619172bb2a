import Receipt

extension Settings {
  /// Where mail is taken, and in which protocol.
  var doors: [Door] {
    var doors = [Door(Door.Address(smtp))]
    if let smtpOverTLS { doors.append(Door(Door.Address(smtpOverTLS), .smtpOverTLS)) }
    if let submission { doors.append(Door(Door.Address(submission), .submission)) }
    if let submissions { doors.append(Door(Door.Address(submissions), .submissionOverTLS)) }
    if let lmtp { doors.append(Door(lmtp, .lmtp)) }
    return doors
  }
}

extension Door.Address {
  init(_ address: ListenAddress) { self = .tcp(host: address.host, port: address.port) }
}

extension Door.Speech {
  /// Which setting says where it is spoken.
  var settingKey: SettingKey {
    switch self {
    case .smtp: .smtpListen
    case .smtpOverTLS: .smtpTLSListen
    case .submission: .smtpSubmission
    case .submissionOverTLS: .smtpSubmissions
    case .lmtp: .lmtpListen
    }
  }

  /// In the line that says ready.
  var name: String {
    switch self {
    case .smtp: "smtp"
    case .smtpOverTLS: "smtps"
    case .submission: "submission"
    case .submissionOverTLS: "submissions"
    case .lmtp: "lmtp"
    }
  }
}
