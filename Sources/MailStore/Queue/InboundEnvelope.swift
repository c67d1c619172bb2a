package import Bytes

/// What SMTP said about a mail besides its content (RFC 5321 §2.3.1), as receipt accepted it.
package struct InboundEnvelope: Hashable, Sendable {
  package let receivedAt: Timestamp
  package let clientAddress: String
  package let heloName: String
  /// For the `with` of the `Received:` field: "SMTP", "ESMTP", "UTF8SMTP" and so on (RFC 5321 §4.4, RFC 6531 §4.3).
  package let protocolName: String
  /// Empty for the null reverse-path.
  package let reversePath: String
  package let recipients: [InboundRecipient]
  package let needsUTF8: Bool
  package let is8Bit: Bool
  /// What a report of a failure shows of the mail (RFC 3461 §4.3); `nil` if the sender did not say.
  package let returnedContent: ReturnedContent?
  /// Printable ASCII by which the sender knows its mail again (RFC 3461 §4.4).
  package let envelopeID: String?
  /// Of filters that saw the mail before it was accepted; nil where they are still to be asked.
  package var judgement: MailJudgement?

  package enum ReturnedContent: Sendable {
    case full, headers
  }

  package init(
    receivedAt: Timestamp, clientAddress: String, heloName: String, protocolName: String, reversePath: String,
    recipients: [InboundRecipient], needsUTF8: Bool, is8Bit: Bool, returnedContent: ReturnedContent? = nil,
    envelopeID: String? = nil, judgement: MailJudgement? = nil
  ) {
    self.receivedAt = receivedAt
    self.clientAddress = clientAddress
    self.heloName = heloName
    self.protocolName = protocolName
    self.reversePath = reversePath
    self.recipients = recipients
    self.needsUTF8 = needsUTF8
    self.is8Bit = is8Bit
    self.returnedContent = returnedContent
    self.envelopeID = envelopeID
    self.judgement = judgement
  }

  /// Whose mail it is; each user once, whichever and however many of the recipients lead there.
  package var users: Set<UserID> { Set(recipients.map(\.user)) }

  /// The recipients as the client named them, each once, in its order.
  package var addresses: [String] {
    var seen: Set<String> = []
    return recipients.map(\.address).filter { seen.insert($0).inserted }
  }
}

/// One forward-path and a user that it leads to. An alias leads to several, and stands here as often.
package struct InboundRecipient: Hashable, Sendable {
  /// As the client wrote it: with its tag, and not what an alias made of it.
  package let address: String
  package let user: UserID
  /// When the sender wants to hear of this recipient (RFC 3461 §4.1), empty for never; `nil` if it did not say.
  package let occasions: Occasions?
  /// The recipient as the sender wrote it first, with its type: `rfc822;Bob@example.com` (RFC 3461 §4.2).
  package let originalRecipient: String?

  package struct Occasions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let success = Occasions(rawValue: 1)
    package static let failure = Occasions(rawValue: 2)
    package static let delay = Occasions(rawValue: 4)
  }

  package init(address: String, user: UserID, occasions: Occasions? = nil, originalRecipient: String? = nil) {
    self.address = address
    self.user = user
    self.occasions = occasions
    self.originalRecipient = originalRecipient
  }
}

extension InboundEnvelope {
  /// Bits of the byte before the recipients.
  private enum Flag {
    static let needsUTF8: UInt8 = 1
    static let is8Bit: UInt8 = 2
    /// What is wanted of notifications follows, of the mail and of each recipient. Records without it are as they ever were.
    static let hasNotifications: UInt8 = 4
    /// A judgement follows, last of all.
    static let hasJudgement: UInt8 = 8
  }

  /// The first byte after the recipients. Builds that know nothing of notifications take it for the kind of the content,
  /// which is 0 or 1; so it is neither, and they throw instead of taking what follows for another mail.
  private enum ReturnedByte: UInt8 {
    case unsaid = 2
    case full = 3
    case headers = 4

    init(_ content: ReturnedContent?) {
      self =
        switch content {
        case nil: .unsaid
        case .full: .full
        case .headers: .headers
        }
    }

    var content: ReturnedContent? {
      switch self {
      case .unsaid: nil
      case .full: .full
      case .headers: .headers
      }
    }
  }

  /// The byte before a judgement, for the same reason as `ReturnedByte`.
  private static let judgementByte: UInt8 = 5

  private var hasNotifications: Bool {
    returnedContent != nil || envelopeID != nil
      || recipients.contains { $0.occasions != nil || $0.originalRecipient != nil }
  }

  func encode(into writer: inout ByteWriter) {
    writer.writeSignedVarint(receivedAt.rawValue)
    writer.writeLengthPrefixed(clientAddress)
    writer.writeLengthPrefixed(heloName)
    writer.writeLengthPrefixed(protocolName)
    writer.writeLengthPrefixed(reversePath)
    writer.write(
      (needsUTF8 ? Flag.needsUTF8 : 0) | (is8Bit ? Flag.is8Bit : 0) | (hasNotifications ? Flag.hasNotifications : 0)
        | (judgement == nil ? 0 : Flag.hasJudgement))
    writer.writeVarint(recipients.count)
    for recipient in recipients {
      writer.writeVarint(UInt64(recipient.user.rawValue))
      writer.writeLengthPrefixed(recipient.address)
    }
    if hasNotifications {
      writer.write(ReturnedByte(returnedContent).rawValue)
      writer.writeOptional(envelopeID)
      for recipient in recipients { recipient.encodeNotification(into: &writer) }
    }
    if let judgement {
      writer.write(Self.judgementByte)
      judgement.encode(into: &writer)
    }
  }

  init(from reader: inout ByteReader) throws(DecodingError) {
    receivedAt = Timestamp(rawValue: try reader.readSignedVarint())
    clientAddress = try reader.readString()
    heloName = try reader.readString()
    protocolName = try reader.readString()
    reversePath = try reader.readString()
    let flags = try reader.readUInt8()
    needsUTF8 = flags & Flag.needsUTF8 != 0
    is8Bit = flags & Flag.is8Bit != 0
    var recipients: [InboundRecipient] = []
    for _ in 0..<(try reader.readCount()) {
      guard let user = UInt32(exactly: try reader.readVarint()) else {
        throw DecodingError(offset: reader.offset, message: "user out of range")
      }
      recipients.append(InboundRecipient(address: try reader.readString(), user: UserID(rawValue: user)))
    }
    if flags & Flag.hasNotifications != 0 {
      returnedContent = try Self.readReturnedContent(&reader)
      envelopeID = try reader.readOptionalString()
      for index in recipients.indices { recipients[index] = try recipients[index].readingNotification(&reader) }
    } else {
      (returnedContent, envelopeID) = (nil, nil)
    }
    self.recipients = recipients
    judgement = flags & Flag.hasJudgement != 0 ? try Self.readJudgement(&reader) : nil
  }

  private static func readJudgement(_ reader: inout ByteReader) throws(DecodingError) -> MailJudgement {
    let byte = try reader.readUInt8()
    guard byte == judgementByte else {
      throw DecodingError(offset: reader.offset - 1, message: "expected \(judgementByte), found \(byte)")
    }
    return try MailJudgement(from: &reader)
  }

  private static func readReturnedContent(_ reader: inout ByteReader) throws(DecodingError) -> ReturnedContent? {
    let byte = try reader.readUInt8()
    guard let returned = ReturnedByte(rawValue: byte) else {
      throw DecodingError(offset: reader.offset - 1, message: "expected 2, 3 or 4, found \(byte)")
    }
    return returned.content
  }
}

extension InboundRecipient {
  /// Of the byte of occasions: there are none because the sender did not say.
  private static let unsaid: UInt8 = 255

  fileprivate func encodeNotification(into writer: inout ByteWriter) {
    writer.write(occasions?.rawValue ?? Self.unsaid)
    writer.writeOptional(originalRecipient)
  }

  fileprivate func readingNotification(_ reader: inout ByteReader) throws(DecodingError) -> InboundRecipient {
    let byte = try reader.readUInt8()
    guard byte <= 7 || byte == Self.unsaid else {
      throw DecodingError(offset: reader.offset - 1, message: "expected 0 to 7 or 255, found \(byte)")
    }
    return InboundRecipient(
      address: address, user: user, occasions: byte == Self.unsaid ? nil : Occasions(rawValue: byte),
      originalRecipient: try reader.readOptionalString())
  }
}
