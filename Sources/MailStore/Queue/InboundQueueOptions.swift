package struct InboundQueueOptions: Sendable {
  /// Over so many unfinished mails, `accept` refuses.
  package var maxDepth: Int
  /// After so long without `finish` an item goes to the next worker.
  package var leaseDuration: Duration
  /// Bytes of queued content kept in memory; what is over it is read back when it is needed.
  package var heldByteLimit: Int
  /// Bytes of memory that the envelopes of unfinished mails may take, estimated from above; over it `accept` refuses. What a mail
  /// takes grows with its recipients: 1,000 of them take as much as 140 mails to one.
  package var envelopeByteLimit: Int
  package var backoff: RetryBackoff
  /// The oldest ready mail's age at which `pressure` is as high as age alone makes it.
  package var oldAge: Duration
  /// Of the jitter.
  package var seed: UInt64
  /// Called with items that will not come again and on which no worker is at work: who already has such a mail may be
  /// forgotten. A worker that never comes back from an expired lease keeps its item from being told. On the log's writing
  /// thread or a worker's: must be quick.
  package var didFinish: @Sendable ([FinishedItem]) -> Void

  package init(
    maxDepth: Int = 100_000, leaseDuration: Duration = .seconds(60), heldByteLimit: Int = 32 << 20,
    envelopeByteLimit: Int = 256 << 20, backoff: RetryBackoff = RetryBackoff(), oldAge: Duration = .seconds(3_600),
    seed: UInt64 = .random(in: .min ... .max), didFinish: @escaping @Sendable ([FinishedItem]) -> Void = { _ in }
  ) {
    self.maxDepth = maxDepth
    self.leaseDuration = leaseDuration
    self.heldByteLimit = heldByteLimit
    self.envelopeByteLimit = envelopeByteLimit
    self.backoff = backoff
    self.oldAge = oldAge
    self.seed = seed
    self.didFinish = didFinish
  }
}
