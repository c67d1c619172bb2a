import NIOHTTP1

/// What rspamd is told of a mail besides its bytes (https://rspamd.com/doc/architecture/protocol.html).
enum RspamdRequest {
  /// Each is a field of its own; rspamd reads a header of bounded size.
  static let maxRecipients = 100
  private static let maxValueByteCount = 512

  static func headers(_ mail: FilteredMail, password: String?) -> HTTPHeaders {
    var headers = HTTPHeaders()
    func add(_ name: String, _ value: String?) {
      guard let value = value.map(Self.value), !value.isEmpty else { return }
      headers.add(name: name, value: value)
    }
    add("Password", password)
    // Every symbol, also of a mail that is rejected halfway.
    add("Pass", "all")
    // In angle brackets, so that the null reverse-path is one too.
    add("From", "<\(mail.reversePath)>")
    for recipient in mail.recipients.prefix(maxRecipients) { add("Rcpt", "<\(recipient)>") }
    if mail.recipients.count == 1 { add("Deliver-To", mail.recipients[0]) }
    add("IP", mail.clientAddress)
    add("Helo", mail.heloName)
    // rspamd's `Hostname` is the client's, which nobody has looked up.
    add("MTA-Name", mail.hostName)
    add("Queue-Id", mail.queueID)
    add("User", mail.authenticatedUser)
    return headers
  }

  /// Without what would end a field: control characters.
  private static func value(_ text: String) -> String {
    SafeText.line(text, limit: maxValueByteCount)
  }
}
