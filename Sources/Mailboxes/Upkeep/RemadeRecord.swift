package import Bytes
package import Index

/// A text record that was made anew from an original.
package struct RemadeRecord: Sendable {
  package let record: ExtractedTextRecord
  /// Why documents were missed whose texts it lacks; nil where it lacks none.
  package let missedReason: String?
  /// The mail's, documents that were missed among them.
  package let defects: [String]

  package init(record: ExtractedTextRecord, missedReason: String? = nil, defects: [String] = []) {
    self.record = record
    self.missedReason = missedReason
    self.defects = defects
  }
}

/// Makes a text record of a user's mail from its original. Where documents are missed it asks for the record that there is, and
/// keeps what that says of them.
package typealias RecordExtractor = (
  _ user: UserID, _ original: [UInt8], _ earlier: () throws -> ExtractedTextRecord?
) throws -> RemadeRecord
