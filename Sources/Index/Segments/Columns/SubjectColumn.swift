import Bytes

/// How the subject of each document of a part begins, to sort by; where it does not tell two apart the records do.
///
///     subjects := varint count, count × varint difference of the prefix from the one before (the first from 0),
///                 numbers (of each document's prefix)
package struct SubjectColumn: Sendable {
  private let prefixes: [SortPrefix]
  private let documents: PackedColumn

  var byteCount: Int { prefixes.count * 8 + documents.byteCount }

  init(from reader: inout ByteReader, documentCount: Int) throws(DecodingError) {
    let count = try reader.readCount()
    guard count <= documentCount else {
      throw DecodingError(offset: reader.offset, message: "\(count) prefixes of \(documentCount) documents")
    }
    var prefixes: [SortPrefix] = []
    prefixes.reserveCapacity(count)
    var value: UInt64 = 0
    for _ in 0..<count {
      let (next, overflow) = value.addingReportingOverflow(try reader.readVarint())
      guard !overflow else { throw DecodingError(offset: reader.offset, message: "a prefix over 64 bits") }
      value = next
      prefixes.append(SortPrefix(rawValue: value))
    }
    self.prefixes = prefixes
    documents = try PackedColumn(from: &reader, count: documentCount, below: count)
  }

  package func prefix(at ordinal: Int) -> SortPrefix { prefixes[Int(documents[ordinal])] }

  static func encode(_ prefixes: [SortPrefix], into writer: inout ByteWriter) {
    let sorted = Set(prefixes).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, UInt32($0)) })
    writer.writeVarint(sorted.count)
    var previous: UInt64 = 0
    for prefix in sorted {
      writer.writeVarint(prefix.rawValue - previous)
      previous = prefix.rawValue
    }
    PackedColumn.encode(prefixes.map { numbers[$0] ?? 0 }, into: &writer)
  }
}
