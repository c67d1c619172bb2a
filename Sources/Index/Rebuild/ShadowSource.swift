package import Bytes

/// What a shadow build asks of the metadata and the stored originals.
package struct ShadowSource {
  /// All users of the shard.
  package var users: () throws -> [UserID]
  /// The user's live documents with their places in time, as of now.
  package var documents: (UserID) throws -> [DocumentKey]
  /// Gives the record that the index has of a document; `nil` where that is missing or damaged.
  package typealias Earlier = () throws -> ExtractedTextRecord?

  /// The text record made anew from the original, with what the earlier one has of parts that cannot be read again just now;
  /// `nil` where there is none to be had.
  package var record: (UserID, DocID, Earlier) throws -> ExtractedTextRecord?
  /// What is still known of a document whose original and record are both lost; `nil` where that is nothing.
  package var remains: (UserID, DocID) throws -> ExtractedTextRecord?

  package init(
    users: @escaping () throws -> [UserID], documents: @escaping (UserID) throws -> [DocumentKey],
    record: @escaping (UserID, DocID, Earlier) throws -> ExtractedTextRecord?,
    remains: @escaping (UserID, DocID) throws -> ExtractedTextRecord? = { _, _ in nil }
  ) {
    self.users = users
    self.documents = documents
    self.record = record
    self.remains = remains
  }
}
