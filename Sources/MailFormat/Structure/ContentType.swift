/// A Content-Type field (RFC 2045 §5.1), lower case but for the parameters' values.
struct ContentType: Sendable {
  var type = "text"
  var subtype = "plain"
  var parameters = MIMEParameters()
  /// False when the mail does not say.
  var isDeclared = false

  init() {}

  init(type: String, subtype: String) {
    self.type = type
    self.subtype = subtype
  }

  /// `nil` when the field names no type and subtype: RFC 2045 §5.2 then asks for plain text.
  init?(_ field: ArraySlice<UInt8>) {
    guard let (value, parameters) = Optional(MIMEParameters.parse(field)),
      let slash = value.firstIndex(of: 0x2F)
    else { return nil }
    type = value[..<slash].lowercasedText
    subtype = value[(slash + 1)...].lowercasedText
    self.parameters = parameters
    isDeclared = true
    let isToken = { (text: String) in
      !text.isEmpty && text.utf8.count <= 127 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
    guard isToken(type), isToken(subtype) else { return nil }
  }

  var fullName: String { "\(type)/\(subtype)" }

  var isMultipart: Bool { type == "multipart" }

  /// A whole mail inside the mail. `message/delivery-status`, `message/partial` and others are not.
  var isMessage: Bool {
    type == "message" && (subtype == "rfc822" || subtype == "global" || subtype == "news")
  }

  /// Text, whatever its form.
  var isText: Bool { type == "text" }

  /// Calendars and address cards (RFC 5545, RFC 6350).
  var isContentLines: Bool { isText && ["calendar", "vcard", "x-vcard", "directory"].contains(subtype) }

  /// A detached signature (RFC 3156, RFC 8551).
  var isSignature: Bool {
    switch fullName {
    case "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature": true
    default: false
    }
  }
}
