package import Bytes

extension Mailboxes {
  /// Makes the postings that wait in the user's shard, and merges what is due: what a server does beside its other work, for a
  /// program that ends after it has written much.
  /// - Throws: `IndexError`, `FileError`; what was to be merged stays as it was then.
  package func compact(shardOf user: UserID) async throws {
    let shard = shard(of: user)
    try await threads.run { try shard.compact() }
  }
}
