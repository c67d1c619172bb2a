package import Bytes

/// The extracted text record (ETR): what was extracted from one mail, once. It rides in the journal, is what runs hold,
/// what searches verify and highlights show, and what `reindex` tokenises again without parsing MIME.
///
/// Bytes: docs/formats/etr.md.
package struct ExtractedTextRecord: Hashable, Sendable {
  package struct Address: Hashable, Sendable {
    package var name: String?
    package var address: String

    package init(name: String?, address: String) {
      self.name = name
      self.address = address
    }
  }

  /// What an attachment, or a nested mail, says.
  package struct AttachmentText: Hashable, Sendable {
    /// The file's name; nil where it has none, and in records that were made before names were kept.
    package var filename: String?
    package var text: String

    package init(filename: String?, text: String) {
      self.filename = filename
      self.text = text
    }
  }

  package var subject = ""
  package var from: [Address] = []
  package var to: [Address] = []
  package var cc: [Address] = []
  package var bcc: [Address] = []
  package var replyTo: [Address] = []
  package var body = ""
  package var attachmentNames: [String] = []
  /// One text for each attachment (and nested mail) that gave some.
  package var attachmentTexts: [AttachmentText] = []
  /// The identifier of `List-ID:` (RFC 2919), without angle brackets.
  package var listID: String?
  /// `Message-ID:` without angle brackets.
  package var messageID: String?
  /// Of all parts but the text shown, inline ones included.
  package var kinds: FileKinds = []

  package init() {}

  /// By bytes, as the index has it: `==` would take two for one that differ in the composition of their characters.
  package func hasMessageID(_ id: String) -> Bool { messageID?.utf8.elementsEqual(id.utf8) ?? false }
}

// MARK: - Bytes

extension ExtractedTextRecord {
  /// The newest. A record without attachment texts is the same in version 2, and is written so.
  static let version: UInt8 = 3

  /// The most bytes an encoded record may take; `bounded()` keeps every record below it.
  package static let byteCountLimit = 64 << 20
  /// Bytes kept of the body, and of all attachment texts together.
  package static let textLimit = 16 << 20
  /// Bytes kept of each header text.
  package static let headerTextLimit = 64 << 10
  /// Entries kept of each list.
  package static let listLimit = 4_096

  package func encode() -> [UInt8] {
    var writer = ByteWriter(reserving: body.utf8.count + 512)
    writer.write(attachmentTexts.isEmpty ? 2 : Self.version)
    writer.writeLengthPrefixed(subject)
    for list in [from, to, cc, bcc, replyTo] {
      writer.writeVarint(list.count)
      for address in list {
        writer.writeOptional(address.name)
        writer.writeLengthPrefixed(address.address)
      }
    }
    writer.writeLengthPrefixed(body)
    writer.writeVarint(attachmentNames.count)
    for name in attachmentNames { writer.writeLengthPrefixed(name) }
    writer.writeVarint(attachmentTexts.count)
    for attachment in attachmentTexts {
      writer.writeOptional(attachment.filename)
      writer.writeLengthPrefixed(attachment.text)
    }
    writer.writeOptional(listID)
    writer.writeOptional(messageID)
    writer.writeVarint(UInt64(kinds.rawValue))
    return writer.bytes
  }

  package static func decode(_ bytes: [UInt8]) throws(DecodingError) -> ExtractedTextRecord {
    var reader = ByteReader(bytes)
    let version = try readVersion(&reader)
    var record = ExtractedTextRecord()
    record.subject = try reader.readString()
    record.from = try readAddresses(&reader)
    record.to = try readAddresses(&reader)
    record.cc = try readAddresses(&reader)
    record.bcc = try readAddresses(&reader)
    record.replyTo = try readAddresses(&reader)
    record.body = try reader.readString()
    record.attachmentNames = try readTexts(&reader)
    record.attachmentTexts = try readAttachmentTexts(&reader, version)
    record.listID = try reader.readOptionalString()
    record.messageID = try reader.readOptionalString()
    record.kinds = try version == 1 ? FileKinds(ofNames: record.attachmentNames) : readKinds(&reader)
    guard reader.isAtEnd else {
      throw DecodingError(offset: reader.offset, message: "\(reader.remaining) bytes after the text record's end")
    }
    return record
  }

  static func readVersion(_ reader: inout ByteReader) throws(DecodingError) -> UInt8 {
    let version = try reader.readUInt8()
    guard (1...Self.version).contains(version) else {
      throw DecodingError(offset: 0, message: "expected a text record of version 1 to 3, found \(version)")
    }
    return version
  }

  private static func readAddresses(_ reader: inout ByteReader) throws(DecodingError) -> [Address] {
    var list: [Address] = []
    for _ in 0..<(try reader.readCount()) {
      list.append(Address(name: try reader.readOptionalString(), address: try reader.readString()))
    }
    return list
  }

  private static func readKinds(_ reader: inout ByteReader) throws(DecodingError) -> FileKinds {
    let bits = try reader.readVarint()
    guard let mask = UInt16(exactly: bits) else {
      throw DecodingError(offset: reader.offset, message: "kinds of files over 16 bits")
    }
    return FileKinds(rawValue: mask)
  }

  private static func readAttachmentTexts(
    _ reader: inout ByteReader, _ version: UInt8
  ) throws(DecodingError) -> [AttachmentText] {
    var list: [AttachmentText] = []
    for _ in 0..<(try reader.readCount()) {
      let filename = version < 3 ? nil : try reader.readOptionalString()
      list.append(AttachmentText(filename: filename, text: try reader.readString()))
    }
    return list
  }

  private static func readTexts(_ reader: inout ByteReader) throws(DecodingError) -> [String] {
    var list: [String] = []
    for _ in 0..<(try reader.readCount()) { list.append(try reader.readString()) }
    return list
  }
}

// MARK: - Limits

extension ExtractedTextRecord {
  /// The record with every text and list cut to its limit, the same record where nothing is over it: nearly always.
  package func bounded() -> ExtractedTextRecord {
    var record = self
    Self.cut(&record.subject, to: Self.headerTextLimit)
    Self.cut(&record.body, to: Self.textLimit)
    for path in [\Self.from, \.to, \.cc, \.bcc, \.replyTo] { Self.cut(&record[keyPath: path]) }
    Self.cut(&record.attachmentNames, total: Self.textLimit / 16)
    Self.cut(&record.attachmentTexts)
    if record.listID != nil { Self.cut(&record.listID!, to: Self.headerTextLimit) }
    if record.messageID != nil { Self.cut(&record.messageID!, to: Self.headerTextLimit) }
    return record
  }

  private static func cut(_ text: inout String, to limit: Int) {
    guard text.utf8.count > limit else { return }
    var end = text.utf8.index(text.startIndex, offsetBy: limit)
    // Back to a scalar's first byte, so that no half scalar becomes U+FFFD.
    while end > text.startIndex && text.utf8[end] & 0xC0 == 0x80 { end = text.utf8.index(before: end) }
    text = String(text[..<end])
  }

  private static func cut(_ list: inout [Address]) {
    if list.count > listLimit { list.removeLast(list.count - listLimit) }
    var budget = textLimit / 4
    for index in list.indices {
      if list[index].name != nil { cut(&list[index].name!, to: min(headerTextLimit, budget)) }
      budget -= list[index].name?.utf8.count ?? 0
      cut(&list[index].address, to: min(headerTextLimit, budget))
      budget -= list[index].address.utf8.count
    }
  }

  private static func cut(_ list: inout [AttachmentText]) {
    if list.count > listLimit { list.removeLast(list.count - listLimit) }
    var (textBudget, nameBudget) = (textLimit, textLimit / 16)
    for index in list.indices {
      if list[index].filename != nil { cut(&list[index].filename!, to: min(headerTextLimit, nameBudget)) }
      nameBudget -= list[index].filename?.utf8.count ?? 0
      cut(&list[index].text, to: textBudget)
      textBudget -= list[index].text.utf8.count
    }
  }

  private static func cut(_ list: inout [String], total: Int) {
    if list.count > listLimit { list.removeLast(list.count - listLimit) }
    var budget = total
    for index in list.indices {
      cut(&list[index], to: budget)
      budget -= list[index].utf8.count
    }
  }
}
