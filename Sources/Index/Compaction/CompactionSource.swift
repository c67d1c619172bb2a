package import Bytes

/// What compaction asks of the metadata.
package struct CompactionSource {
  /// The user's live documents with their places in time, as of now: all that the index has had applied is in it, and what
  /// is not in it is dropped.
  package var documents: (UserID) throws -> [DocumentKey]

  package init(documents: @escaping (UserID) throws -> [DocumentKey]) { self.documents = documents }
}
