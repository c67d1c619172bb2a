package struct JournalOptions: Sendable {
  /// What a file gets before its first byte is written. A batch that needs more gets a file of its own size.
  package var fileByteCount: UInt64
  /// The most bytes of what one sync writes; at most `JournalFormat.maxPayloadByteCount`.
  package var maxBatchByteCount: Int
  /// Gives each file its salt: unpredictable, so that no mail can contain a frame.
  package var makeSalt: @Sendable () -> UInt32

  package init(
    fileByteCount: UInt64 = 16 << 20, maxBatchByteCount: Int = 1 << 30,
    makeSalt: @escaping @Sendable () -> UInt32 = { UInt32.random(in: .min ... .max) }
  ) {
    self.fileByteCount = fileByteCount
    self.maxBatchByteCount = min(maxBatchByteCount, JournalFormat.maxPayloadByteCount)
    self.makeSalt = makeSalt
  }
}
