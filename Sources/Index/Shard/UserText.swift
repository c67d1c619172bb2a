import Bytes

/// One user's text with what is live of it, ready to be searched. Made by the first search, and good for all until the user's
/// mail or the set of files changes.
package final class UserText: Sendable {
  package let records: UserRecords
  /// The live documents that postings answer for.
  package let covered: DocIDBitmap
  /// The live documents that only filters are known of, those that have a record.
  package let pending: PendingRecords
  /// Live documents without a record: reading one tells that the record is missing, where leaving it out would be a wrong
  /// answer.
  package let missing: DocIDBitmap
  /// Pending and missing documents, newest first.
  package let uncovered: [UInt32]
  /// Beside `records.parts`: whether all documents of the part are among `covered`.
  package let areWhole: [Bool]

  init(_ records: UserRecords, _ attributes: UserAttributes) throws {
    self.records = records
    covered = attributes.live.intersection(records.covered)
    let uncovered = attributes.live.subtracting(records.covered)
    pending = try records.pending(uncovered)
    missing = uncovered.subtracting(pending.documents)
    self.uncovered = attributes.newestFirst(uncovered)
    let covered = covered
    areWhole = records.parts.map { $0.documents.subtracting(covered).isEmpty }
  }
}

extension UserAttributes {
  /// - Parameter documents: live ones.
  package func newestFirst(_ documents: DocIDBitmap) -> [UInt32] {
    // A look at one document of the order is about as dear as an eighth of sorting one.
    guard documents.count * 8 >= count else {
      return documents.docIDs.map(key).sorted(by: >).map(\.docID.rawValue)
    }
    var list: [UInt32] = []
    list.reserveCapacity(documents.count)
    var position = endPosition
    while let docID = previous(&position) {
      if documents.contains(docID) { list.append(docID.rawValue) }
    }
    return list
  }
}
