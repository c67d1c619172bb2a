/// The sizes that a `PackStore` keeps to.
package struct PackOptions: Sendable {
  /// A file is full, and the next one begins, at about this size; it is also reserved ahead of the writing.
  package var fileByteCount: UInt64
  /// The most bytes of one record.
  package var maxRecordByteCount: Int
  /// The most bytes gathered for one write and one sync, unless a single call brings more.
  package var maxBatchByteCount: UInt64
  /// The most files that are kept open for reading.
  package var maxOpenFiles: Int
  /// Makes the salt of a new file; random outside of tests.
  package var makeSalt: @Sendable () -> UInt64

  package init(
    fileByteCount: UInt64 = 64 << 20, maxRecordByteCount: Int = 256 << 20, maxBatchByteCount: UInt64 = 8 << 20,
    maxOpenFiles: Int = 64, makeSalt: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 0 ... .max) }
  ) {
    self.fileByteCount = fileByteCount
    self.maxRecordByteCount = maxRecordByteCount
    self.maxBatchByteCount = maxBatchByteCount
    self.maxOpenFiles = maxOpenFiles
    self.makeSalt = makeSalt
  }
}
