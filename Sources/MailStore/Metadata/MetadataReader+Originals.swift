import Bytes
import GRDB

extension MetadataReader {
  /// Streams where the originals of all messages lie, of every user, in no order.
  /// - Parameter body: is told also the size of the message.
  package func forEachOriginal(_ body: (BlobReference, _ size: UInt64) throws -> Void) throws {
    let rows = try Row.fetchCursor(
      database, sql: "SELECT pack, pack_offset, pack_bytes, size FROM message")
    while let row = try rows.next() {
      let reference = BlobReference(
        pack: try row.value(0), offset: UInt64(bitPattern: try row.value(1)), byteCount: try row.value(2))
      try body(reference, UInt64(bitPattern: try row.value(3)))
    }
  }
}
