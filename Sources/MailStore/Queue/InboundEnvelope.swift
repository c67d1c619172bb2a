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

  package init(
    receivedAt: Timestamp, clientAddress: String, heloName: String, protocolName: String, reversePath: String,
    recipients: [InboundRecipient], needsUTF8: Bool, is8Bit: Bool
  ) {
    self.receivedAt = receivedAt
    self.clientAddress = clientAddress
    self.heloName = heloName
    self.protocolName = protocolName
    self.reversePath = reversePath
    self.recipients = recipients
    self.needsUTF8 = needsUTF8
    self.is8Bit = is8Bit
  }

  /// Whose mail it is; each user once.
  package var users: Set<UserID> { Set(recipients.map(\.user)) }
}

/// One forward-path and the user that it leads to.
package struct InboundRecipient: Hashable, Sendable {
  package let address: String
  package let user: UserID

  package init(address: String, user: UserID) {
    self.address = address
    self.user = user
  }
}

extension InboundEnvelope {
  func encode(into writer: inout ByteWriter) {
    writer.writeSignedVarint(receivedAt.rawValue)
    writer.writeLengthPrefixed(clientAddress)
    writer.writeLengthPrefixed(heloName)
    writer.writeLengthPrefixed(protocolName)
    writer.writeLengthPrefixed(reversePath)
    writer.write(UInt8((needsUTF8 ? 1 : 0) | (is8Bit ? 2 : 0)))
    writer.writeVarint(recipients.count)
    for recipient in recipients {
      writer.writeVarint(UInt64(recipient.user.rawValue))
      writer.writeLengthPrefixed(recipient.address)
    }
  }

  init(from reader: inout ByteReader) throws(DecodingError) {
    receivedAt = Timestamp(rawValue: try reader.readSignedVarint())
    clientAddress = try reader.readString()
    heloName = try reader.readString()
    protocolName = try reader.readString()
    reversePath = try reader.readString()
    let flags = try reader.readUInt8()
    needsUTF8 = flags & 1 != 0
    is8Bit = flags & 2 != 0
    var recipients: [InboundRecipient] = []
    for _ in 0..<(try reader.readCount()) {
      guard let user = UInt32(exactly: try reader.readVarint()) else {
        throw DecodingError(offset: reader.offset, message: "user out of range")
      }
      recipients.append(InboundRecipient(address: try reader.readString(), user: UserID(rawValue: user)))
    }
    self.recipients = recipients
  }
}
