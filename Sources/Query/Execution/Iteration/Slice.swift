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
  let searchable: LiveOrdinals?

  /// The first ordinal whose document is before `key` in time and can be answered; their count where there is none.
  ///
  /// Only of documents that live is the date known.
  func ordinal(before key: DocumentKey, _ dates: ReceivedDates) -> UInt32 {
    UInt32(firstOrdinal(dates) { $0 < key })
  }

  /// By bisection, among those that can be answered.
  /// - Parameter isWanted: false of keys down to some one, and true of it and all before it in time.
  private func firstOrdinal(_ dates: ReceivedDates, where isWanted: (DocumentKey) -> Bool) -> Int {
    let live = searchable?.list
    func ordinal(_ place: Int) -> Int { live.map { Int($0[place]) } ?? place }
    var low = 0
    var high = live?.count ?? docIDs.count
    while low < high {
      let middle = (low + high) / 2
      if isWanted(dates.key(DocID(rawValue: docIDs[ordinal(middle)]))) { high = middle } else { low = middle + 1 }
    }
    return low < live?.count ?? docIDs.count ? ordinal(low) : docIDs.count
  }

  /// - Returns: `nil` where there is none.
  func firstSearchable(from start: Int, below end: Int) -> Int? {
    guard let searchable else { return start < end ? start : nil }
    var probe = DocIDProbe(searchable.documents)
    var index = start
    while index < end, !probe.contains(DocID(rawValue: docIDs[index])) { index += 1 }
    return index < end ? index : nil
  }

  /// The ordinals of those of the documents that are here: for few documents.
  func ordinals(of documents: DocIDBitmap, _ dates: ReceivedDates) -> [UInt32] {
    var ordinals: [UInt32] = []
    (searchable.map { $0.documents.intersection(documents) } ?? documents).forEach { docID in
      let key = dates.key(docID)
      let ordinal = firstOrdinal(dates) { $0 <= key }
      if ordinal < docIDs.count, docIDs[ordinal] == docID.rawValue { ordinals.append(UInt32(ordinal)) }
    }
    return ordinals.sorted()
  }
}

extension UserText {
  /// All that is live, each document in one slice.
  func forEachSlice(_ body: (Slice) -> Void) {
    for (index, part) in records.parts.enumerated() {
      body(Slice(docIDs: part.docIDs, part: part, searchable: searchable[index]))
    }
    if !uncovered.isEmpty { body(Slice(docIDs: uncovered, part: nil, searchable: nil)) }
  }
}
