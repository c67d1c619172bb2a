import Bytes

/// A mail's bytes as receipt took them.
package enum ReceivedContent: Hashable, Sendable {
  /// At most `inlineLimit` bytes.
  case inline([UInt8])
  case spooled(SpoolReference)

  /// Larger content goes through a spool file, so that the receive log holds no attachment.
  package static let inlineLimit = 16 << 10

  package var byteCount: UInt64 {
    switch self {
    case .inline(let bytes): UInt64(bytes.count)
    case .spooled(let reference): reference.byteCount
    }
  }
}

/// A file in `receive/spool` that holds a mail's content.
package struct SpoolReference: Hashable, Sendable {
  package let number: UInt64
  package let byteCount: UInt64
  package let sha256: [UInt8]

  package init(number: UInt64, byteCount: UInt64, sha256: [UInt8]) {
    self.number = number
    self.byteCount = byteCount
    self.sha256 = sha256
  }
}

/// The bytes of a `received` frame: envelope, then the content or where it is spooled. See docs/formats/pack.md.
struct ReceivedRecord: Hashable, Sendable {
  let envelope: InboundEnvelope
  let content: ReceivedContent

  init(envelope: InboundEnvelope, content: ReceivedContent) {
    self.envelope = envelope
    self.content = content
  }

  var record: PackRecord {
    var writer = ByteWriter(reserving: 512)
    envelope.encode(into: &writer)
    switch content {
    case .inline(let bytes):
      writer.write(UInt8(0))
      writer.write(bytes)
    case .spooled(let reference):
      writer.write(UInt8(1))
      writer.writeVarint(reference.number)
      writer.writeVarint(reference.byteCount)
      writer.write(reference.sha256)
    }
    return PackRecord(kind: .received, bytes: writer.bytes)
  }

  init(_ bytes: [UInt8]) throws(DecodingError) {
    var reader = ByteReader(bytes)
    envelope = try InboundEnvelope(from: &reader)
    switch try reader.readUInt8() {
    case 0: content = .inline(Array(try reader.readBytes(reader.remaining)))
    case 1:
      content = .spooled(
        SpoolReference(
          number: try reader.readVarint(), byteCount: try reader.readVarint(),
          sha256: Array(try reader.readBytes(32))))
    case let other:
      throw DecodingError(offset: reader.offset - 1, message: "expected content 0 or 1, found \(other)")
    }
  }
}
