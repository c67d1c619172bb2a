/// What a sender wants to hear of its mail, said with MAIL (RFC 3461 §4.3 and §4.4).
package struct MailNotification: Hashable, Sendable {
  /// What a report of a failure shows of the mail.
  package enum ReturnedContent: Hashable, Sendable {
    case full, headers
  }

  /// `RET=`; `nil` if not said.
  package var returnedContent: ReturnedContent?
  /// `ENVID=`, decoded: printable ASCII and spaces. `nil` if not said.
  package var envelopeID: String?

  package init(returnedContent: ReturnedContent? = nil, envelopeID: String? = nil) {
    self.returnedContent = returnedContent
    self.envelopeID = envelopeID
  }
}

/// The same of one recipient, said with RCPT (RFC 3461 §4.1 and §4.2).
package struct RecipientNotification: Hashable, Sendable {
  package struct Occasions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let success = Occasions(rawValue: 1)
    package static let failure = Occasions(rawValue: 2)
    package static let delay = Occasions(rawValue: 4)
  }

  /// `NOTIFY=`, empty for NEVER; `nil` if not said.
  package var occasions: Occasions?
  /// `ORCPT=`, decoded: the address' type, a semicolon and the address, `rfc822;Bob@example.com`. `nil` if not said.
  package private(set) var originalRecipient: String?
  /// False if that was said in characters that need SMTPUTF8 (RFC 6533 §3).
  private(set) var isASCII = true

  package init(occasions: Occasions? = nil, originalRecipient: String? = nil) {
    self.occasions = occasions
    self.originalRecipient = originalRecipient
  }

  /// Parses what is left of RCPT's line.
  static func parse(_ cursor: inout ByteCursor) throws(SMTPReply) -> RecipientNotification {
    var notification = RecipientNotification()
    while let (keyword, value) = try MailParameters.nextParameter(&cursor) {
      switch keyword {
      case "NOTIFY" where notification.occasions == nil: notification.occasions = try occasions(value)
      case "ORCPT" where notification.originalRecipient == nil:
        try notification.setOriginalRecipient(value)
      case "NOTIFY", "ORCPT": throw .badParameter
      default: throw .unknownParameter
      }
    }
    return notification
  }

  /// `NEVER`, or some of the others with commas.
  private static func occasions(_ value: [UInt8]?) throws(SMTPReply) -> Occasions {
    let words = (value ?? []).map(\.asciiUppercased)
      .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    if words == ["NEVER"] { return [] }
    var occasions: Occasions = []
    for word in words {
      switch word {
      case "SUCCESS": occasions.insert(.success)
      case "FAILURE": occasions.insert(.failure)
      case "DELAY": occasions.insert(.delay)
      default: throw .badParameter
      }
    }
    return occasions
  }

  static let maxOriginalRecipientByteCount = 500

  /// An address of type `utf-8` has any characters, the others are ASCII (RFC 6533 §3, RFC 3461 §4.2). Postfix says one of
  /// type `utf-8` as `rfc822` and xtext, `rfc822;j+C3+B6rg@example.com`: it is taken for what it is, or the mail would bounce.
  private mutating func setOriginalRecipient(_ value: [UInt8]?) throws(SMTPReply) {
    guard let value, value.count <= Self.maxOriginalRecipientByteCount,
      let semicolon = value.firstIndex(of: UInt8(ascii: ";")), semicolon > 0,
      value[..<semicolon].allSatisfy({ $0.isAtomText && $0 < 0x80 }),
      let said = XText.decode(value[(semicolon + 1)...])
    else { throw .badParameter }
    var type = String(decoding: value[..<semicolon], as: UTF8.self)
    isASCII = said.allSatisfy { $0 < 0x80 }
    var address = type.lowercased() == "utf-8" ? EmbeddedUnicode.decode(said) : Self.ascii(said)
    if address == nil, type.lowercased() == "rfc822", value.allSatisfy({ $0 < 0x80 }) {
      address = String(validating: said, as: UTF8.self)
      type = "utf-8"
    }
    guard let address, !address.isEmpty, address.utf8.allSatisfy({ $0 >= 32 && $0 != 127 })
    else { throw .badParameter }
    originalRecipient = "\(type);\(address)"
  }

  private static func ascii(_ bytes: [UInt8]) -> String? {
    bytes.allSatisfy { $0 < 0x80 } ? String(decoding: bytes, as: UTF8.self) : nil
  }
}
