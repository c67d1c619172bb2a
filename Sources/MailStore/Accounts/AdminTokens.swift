package import Bytes

/// What is known of a token of the operators' API: everything but the token, of which only the hash is kept.
package struct AdminTokenRecord: Hashable, Sendable {
  package let id: TokenID
  package let label: String?
  package let createdAt: Timestamp

  package init(id: TokenID, label: String?, createdAt: Timestamp) {
    self.id = id
    self.label = label
    self.createdAt = createdAt
  }
}

/// The operators' tokens in memory; part of `AccountDirectory`.
struct AdminTokens {
  private var recordsByHash: [[UInt8]: AdminTokenRecord] = [:]

  var records: [AdminTokenRecord] { recordsByHash.values.sorted { $0.id < $1.id } }

  /// As with users' tokens: what a dictionary compares are hashes, of which a guesser can choose no byte.
  func contains(hash: [UInt8]) -> Bool { recordsByHash[hash] != nil }

  mutating func insert(_ record: AdminTokenRecord, hash: [UInt8]) { recordsByHash[hash] = record }

  mutating func remove(_ id: TokenID) { recordsByHash = recordsByHash.filter { $0.value.id != id } }
}
