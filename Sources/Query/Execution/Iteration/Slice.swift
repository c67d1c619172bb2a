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
    let live = searchable?.list
    var low = 0
    var high = live?.count ?? docIDs.count
    while low < high {
      let middle = (low + high) / 2
      let ordinal = live.map { Int($0[middle]) } ?? middle
      if dates.key(DocID(rawValue: docIDs[ordinal])) >= key { low = middle + 1 } else { high = middle }
    }
    guard let live else { return UInt32(low) }
    return low < live.count ? live[low] : UInt32(docIDs.count)
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
    let live = searchable?.list
    var ordinals: [UInt32] = []
    (searchable.map { $0.documents.intersection(documents) } ?? documents).forEach { docID in
      if let ordinal = ordinal(of: docID, live, dates) { ordinals.append(ordinal) }
    }
    return ordinals.sorted()
  }

  private func ordinal(of docID: DocID, _ live: [UInt32]?, _ dates: ReceivedDates) -> UInt32? {
    let key = dates.key(docID)
    var low = 0
    var high = live?.count ?? docIDs.count
    while low < high {
      let middle = (low + high) / 2
      if dates.key(DocID(rawValue: docIDs[live.map { Int($0[middle]) } ?? middle])) > key {
        low = middle + 1
      } else {
        high = middle
      }
    }
    guard low < live?.count ?? docIDs.count else { return nil }
    let ordinal = live.map { Int($0[low]) } ?? low
    return docIDs[ordinal] == docID.rawValue ? UInt32(ordinal) : nil
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
