import Bytes

extension MessageRow {
  /// Everything but the user, who stands before it, and with a verdict only where there is one: the change's kind says so.
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(docID.rawValue))
    writer.write(id.high)
    writer.write(id.low)
    writer.writeVarint(UInt64(folder.rawValue))
    writer.writeVarint(UInt64(thread.rawValue))
    writer.writeSignedVarint(receivedAt.rawValue)
    writer.write(flags.rawValue)
    writer.writeList(labels)
    writer.writeVarint(size)
    original.encode(into: &writer)
    writer.writeLengthPrefixed(trace)
    writer.write(contentHash)
    summary.encode(into: &writer)
    verdict?.encode(into: &writer)
  }

  /// - Parameter isJudged: a verdict follows.
  init(user: UserID, from reader: inout ByteReader, isJudged: Bool) throws(DecodingError) {
    self.init(
      user: user,
      docID: DocID(rawValue: try reader.readVarint32()),
      id: MessageID(high: try reader.readUInt64(), low: try reader.readUInt64()),
      folder: FolderID(rawValue: try reader.readVarint32()),
      thread: ThreadID(rawValue: try reader.readVarint32()),
      receivedAt: Timestamp(rawValue: try reader.readSignedVarint()),
      flags: MessageFlags(rawValue: try reader.readUInt8()),
      labels: try reader.readList(),
      size: try reader.readVarint(),
      original: try BlobReference(from: &reader),
      trace: try reader.readString(),
      contentHash: try reader.readUInt64(),
      summary: try MessageSummary(from: &reader), verdict: isJudged ? try MailVerdict(from: &reader) : nil)
  }
}

extension ByteWriter {
  mutating func writeList(_ texts: [String]) {
    writeVarint(texts.count)
    for text in texts { writeLengthPrefixed(text) }
  }
}

extension ByteReader {
  mutating func readList() throws(DecodingError) -> [String] {
    var texts: [String] = []
    for _ in 0..<(try readCount()) { texts.append(try readString()) }
    return texts
  }

  /// A varint that must fit 32 bits.
  mutating func readVarint32() throws(DecodingError) -> UInt32 {
    let value = try readVarint()
    guard let narrow = UInt32(exactly: value) else {
      throw DecodingError(offset: offset, message: "expected a number of 32 bits, found \(value)")
    }
    return narrow
  }
}
