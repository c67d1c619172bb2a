import Bytes
import GRDB

extension MetadataReader {
  /// Streams where the originals of all messages lie, of every user, in no order.
  /// - Parameter body: is told also the size of the message.
  /// - Throws: `StoreError` `.corrupt` for a row that says no place, which a column read as a number would hide: text is 0 to it.
  package func forEachOriginal(_ body: (BlobReference, _ size: UInt64) throws -> Void) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT pack, pack_offset, pack_bytes, size,
          typeof(pack) = 'integer' AND typeof(pack_offset) = 'integer' AND typeof(pack_bytes) = 'integer' AND pack > 0
        FROM message
        """)
    while let row = try rows.next() {
      guard try row.value(4) as Bool else {
        throw StoreError(
          code: .corrupt, message: "mail.sqlite is damaged: expected the place of an original in a message's row")
      }
      let reference = BlobReference(
        pack: try row.value(0), offset: UInt64(bitPattern: try row.value(1)), byteCount: try row.value(2))
      try body(reference, UInt64(bitPattern: try row.value(3)))
    }
  }
}
