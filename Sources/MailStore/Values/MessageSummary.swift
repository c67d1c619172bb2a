package import Bytes

/// The digest of a mail's header that lists and hits show, kept in the row so that no list opens an original.
package struct MessageSummary: Hashable, Sendable {
  package struct Address: Hashable, Sendable {
    package let name: String?
    package let address: String

    package init(name: String?, address: String) {
      self.name = name
      self.address = address
    }
  }

  package struct Attachment: Hashable, Sendable {
    /// The part's place in the MIME tree ("2", "1.3"): the attachment's public id within its message.
    package let partPath: String
    package let filename: String?
    package let contentType: String
    package let contentID: String?
    package let isInline: Bool
    /// Decoded.
    package let byteCount: UInt64

    package init(
      partPath: String, filename: String?, contentType: String, contentID: String?, isInline: Bool, byteCount: UInt64
    ) {
      self.partPath = partPath
      self.filename = filename
      self.contentType = contentType
      self.contentID = contentID
      self.isInline = isInline
      self.byteCount = byteCount
    }
  }

  package var subject = ""
  package var from: [Address] = []
  package var to: [Address] = []
  package var cc: [Address] = []
  package var bcc: [Address] = []
  package var replyTo: [Address] = []
  /// The `Date:` field, where there is a readable one.
  package var date: Timestamp?
  /// The `Message-ID:` field without its angle brackets.
  package var messageID: String?
  package var attachments: [Attachment] = []
  /// What was wrong with the mail, by the parser's stable names.
  package var defects: [String] = []

  package init() {}
}

extension MessageSummary {
  package func encode(into writer: inout ByteWriter) {
    writer.writeLengthPrefixed(subject)
    for list in [from, to, cc, bcc, replyTo] {
      writer.writeVarint(list.count)
      for address in list {
        writer.writeOptional(address.name)
        writer.writeLengthPrefixed(address.address)
      }
    }
    writer.write(UInt8(date == nil ? 0 : 1))
    if let date { writer.writeSignedVarint(date.rawValue) }
    writer.writeOptional(messageID)
    writer.writeVarint(attachments.count)
    for attachment in attachments {
      writer.writeLengthPrefixed(attachment.partPath)
      writer.writeOptional(attachment.filename)
      writer.writeLengthPrefixed(attachment.contentType)
      writer.writeOptional(attachment.contentID)
      writer.write(UInt8(attachment.isInline ? 1 : 0))
      writer.writeVarint(attachment.byteCount)
    }
    writer.writeVarint(defects.count)
    for defect in defects { writer.writeLengthPrefixed(defect) }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    self.init()
    subject = try reader.readString()
    from = try Self.readAddresses(&reader)
    to = try Self.readAddresses(&reader)
    cc = try Self.readAddresses(&reader)
    bcc = try Self.readAddresses(&reader)
    replyTo = try Self.readAddresses(&reader)
    if try reader.readUInt8() == 1 { date = Timestamp(rawValue: try reader.readSignedVarint()) }
    messageID = try reader.readOptionalString()
    for _ in 0..<(try reader.readCount()) {
      attachments.append(
        Attachment(
          partPath: try reader.readString(), filename: try reader.readOptionalString(),
          contentType: try reader.readString(), contentID: try reader.readOptionalString(),
          isInline: try reader.readUInt8() == 1, byteCount: try reader.readVarint()))
    }
    for _ in 0..<(try reader.readCount()) { defects.append(try reader.readString()) }
  }

  private static func readAddresses(_ reader: inout ByteReader) throws(DecodingError) -> [Address] {
    var list: [Address] = []
    for _ in 0..<(try reader.readCount()) {
      list.append(Address(name: try reader.readOptionalString(), address: try reader.readString()))
    }
    return list
  }
}
