import Bytes

/// Which kinds of files each document of a part has. Most have none, and few combinations occur, so the documents have the
/// number of theirs.
///
///     kinds := varint count, count × varint mask (bits of `FileKind`), ascending; numbers (of each document's mask)
package struct KindColumn: Sendable {
  /// The combinations that occur.
  package let masks: [FileKinds]
  private let documents: PackedColumn

  var byteCount: Int { masks.count * 2 + documents.byteCount }

  init(from reader: inout ByteReader, documentCount: Int) throws(DecodingError) {
    var masks: [FileKinds] = []
    for _ in 0..<(try reader.readCount()) {
      guard let mask = UInt16(exactly: try reader.readVarint()), masks.last.map({ $0.rawValue < mask }) ?? true else {
        throw DecodingError(offset: reader.offset, message: "the masks of a column are not ascending")
      }
      masks.append(FileKinds(rawValue: mask))
    }
    self.masks = masks
    documents = try PackedColumn(from: &reader, count: documentCount, below: masks.count)
  }

  /// In `masks`.
  package func number(at ordinal: Int) -> Int { Int(documents[ordinal]) }

  static func encode(_ kinds: [FileKinds], into writer: inout ByteWriter) {
    let masks = Set(kinds.map(\.rawValue)).sorted()
    writer.writeVarint(masks.count)
    for mask in masks { writer.writeVarint(UInt64(mask)) }
    let numbers = Dictionary(uniqueKeysWithValues: masks.enumerated().map { ($1, UInt32($0)) })
    PackedColumn.encode(kinds.map { numbers[$0.rawValue] ?? 0 }, into: &writer)
  }
}
