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
  /// Beside `records.parts`: which documents of the part are answered from it; `nil` for all.
  package let searchable: [LiveOrdinals?]

  init(_ records: UserRecords, _ attributes: UserAttributes) throws {
    self.records = records
    covered = attributes.live.intersection(records.covered)
    let uncovered = attributes.live.subtracting(records.covered)
    pending = try records.pending(uncovered)
    missing = uncovered.subtracting(pending.documents)
    self.uncovered = attributes.newestFirst(uncovered)
    searchable = Self.searchable(records.parts, covered)
  }

  /// No document is to be in two parts. Where one is, because a file came back that had been left out and made up for, the first
  /// counts: a hit twice would be a wrong answer.
  private static func searchable(_ parts: [SegmentPart], _ covered: DocIDBitmap) -> [LiveOrdinals?] {
    var rest = covered
    return parts.map { part in
      let here = rest.intersection(part.documents)
      rest = rest.subtracting(here)
      return here.count == part.documentCount ? nil : LiveOrdinals(here, in: part.docIDs)
    }
  }

  /// Memory that it keeps, roughly, what it shares with caches included.
  var byteCount: Int {
    var sum = covered.byteCount + missing.byteCount + uncovered.count * 4 + pending.byteCount + 256
    for part in records.parts { sum += part.head.byteCount }
    for ordinals in searchable { sum += ordinals?.byteCount ?? 0 }
    return sum
  }
}

extension UserAttributes {
  /// - Parameter documents: live ones.
  func newestFirst(_ documents: DocIDBitmap) -> [UInt32] {
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
