import Bytes
import Index

/// Documents of a mailbox that are searched together, numbered newest first: those of one part of a segment, by its ordinals,
/// or those that are in none.
struct Slice {
  /// By ordinal.
  let docIDs: [UInt32]
  /// `nil` for what is in no segment.
  let part: SegmentPart?
  /// What of the slice may be answered; `nil` for all of it.
  let searchable: DocIDBitmap?

  /// The first ordinal whose document is before `key` in time, where that document can be answered; no such document lies
  /// between it and the ordinal that is given. Their count where all are at or after it.
  ///
  /// Only of documents that live is the date known: the search looks at the next such one where it comes upon another.
  func ordinal(before key: DocumentKey, _ dates: ReceivedDates) -> UInt32 {
    var low = 0
    var high = docIDs.count
    while low < high {
      let middle = (low + high) / 2
      guard let probe = firstSearchable(from: middle, below: high) else {
        high = middle
        continue
      }
      if dates.key(DocID(rawValue: docIDs[probe])) >= key { low = probe + 1 } else { high = middle }
    }
    return UInt32(low)
  }

  /// - Returns: `nil` where there is none.
  func firstSearchable(from start: Int, below end: Int) -> Int? {
    guard let searchable else { return start < end ? start : nil }
    var index = start
    while index < end, !searchable.contains(DocID(rawValue: docIDs[index])) { index += 1 }
    return index < end ? index : nil
  }

  /// The ordinals of those of the documents that are here: for few documents.
  func ordinals(of documents: DocIDBitmap, _ dates: ReceivedDates) -> [UInt32] {
    var ordinals: [UInt32] = []
    (searchable.map { $0.intersection(documents) } ?? documents).forEach { docID in
      // A document is where those that are not before it end.
      let ordinal = ordinal(before: dates.key(docID), dates)
      if ordinal > 0, docIDs[Int(ordinal) - 1] == docID.rawValue { ordinals.append(ordinal - 1) }
    }
    return ordinals.sorted()
  }
}

extension UserText {
  /// All that is live, each document in one slice.
  func slices() -> [Slice] {
    var slices = zip(records.parts, searchable).map { part, searchable in
      Slice(docIDs: part.docIDs, part: part, searchable: searchable)
    }
    if !uncovered.isEmpty { slices.append(Slice(docIDs: uncovered, part: nil, searchable: nil)) }
    return slices
  }
}
