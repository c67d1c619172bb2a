import Bytes
import MailFormat

/// How to put a stored mail together again: bytes that stand in the recipe itself, and attachments that are kept once
/// for all mails that hold them. See docs/formats/pack.md.
struct Recipe: Hashable, Sendable {
  enum Piece: Hashable, Sendable {
    case literal([UInt8])
    case attachment(Attachment)
  }

  struct Attachment: Hashable, Sendable {
    let partPath: String
    /// The blob is the part's whole content, and so answers for the attachment by itself.
    let isWhole: Bool
    let encoding: BodyEncoding
    let blob: BlobReference
  }

  /// Of the mail.
  let byteCount: UInt64
  let pieces: [Piece]

  init(byteCount: UInt64, pieces: [Piece]) {
    self.byteCount = byteCount
    self.pieces = pieces
  }

  var record: PackRecord {
    var writer = ByteWriter(reserving: 1_024)
    writer.writeVarint(byteCount)
    writer.writeVarint(pieces.count)
    for piece in pieces {
      switch piece {
      case .literal(let bytes):
        writer.write(UInt8(0))
        writer.writeLengthPrefixed(bytes)
      case .attachment(let attachment):
        writer.write(UInt8(1))
        writer.writeLengthPrefixed(attachment.partPath)
        writer.write(UInt8(attachment.isWhole ? 1 : 0))
        attachment.encoding.encode(into: &writer)
        attachment.blob.encode(into: &writer)
      }
    }
    return PackRecord(kind: .recipe, bytes: writer.bytes)
  }

  init(_ bytes: [UInt8]) throws(DecodingError) {
    var reader = ByteReader(bytes)
    byteCount = try reader.readVarint()
    var pieces: [Piece] = []
    for _ in 0..<(try reader.readCount()) {
      switch try reader.readUInt8() {
      case 0: pieces.append(.literal(Array(try reader.readLengthPrefixed())))
      case 1:
        pieces.append(
          .attachment(
            Attachment(
              partPath: try reader.readString(), isWhole: try reader.readUInt8() == 1,
              encoding: try BodyEncoding(from: &reader), blob: try BlobReference(from: &reader))))
      case let other: throw DecodingError(offset: reader.offset - 1, message: "expected 0 or 1, found \(other)")
      }
    }
    self.pieces = pieces
  }
}
