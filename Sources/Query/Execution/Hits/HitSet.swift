import Bytes
import Index

/// All hits of a query: what totals, facets and orders other than the newest first are made of. Known by ordinals or by docIDs,
/// and by the other of the two when asked. Used by one thread.
final class HitSet {
  let count: Int
  private let cache: RecordCache
  private var knownSlices: [SliceHits]?
  private var knownDocuments: DocIDBitmap?

  init(_ slices: [SliceHits], _ cache: RecordCache) {
    self.cache = cache
    knownSlices = slices
    var count = 0
    for hits in slices { count += hits.count }
    self.count = count
  }

  /// - Parameter documents: live ones.
  init(_ documents: DocIDBitmap, _ cache: RecordCache) {
    self.cache = cache
    knownDocuments = documents
    count = documents.count
  }

  var documents: DocIDBitmap {
    if let knownDocuments { return knownDocuments }
    var docIDs: [UInt32] = []
    docIDs.reserveCapacity(count)
    for hits in knownSlices ?? [] { hits.forEachOrdinal { docIDs.append(hits.slice.docIDs[$0]) } }
    let documents = DocIDBitmap(unordered: docIDs)
    knownDocuments = documents
    return documents
  }

  /// Those that have hits. Opens the text.
  func slices() throws -> [SliceHits] {
    if let knownSlices { return knownSlices }
    var slices: [SliceHits] = []
    try cache.text().forEachSlice { slice in
      var hits = SliceHits(slice)
      var isHit = DocIDProbe(slice.searchable.map { documents.intersection($0.documents) } ?? documents)
      for (ordinal, docID) in slice.docIDs.enumerated() where isHit.contains(DocID(rawValue: docID)) {
        hits.insert(ordinal)
      }
      if hits.count > 0 { slices.append(hits) }
    }
    knownSlices = slices
    return slices
  }

  /// In no particular order; without opening the text where it was not needed so far.
  func forEachDocument(_ body: (DocID) throws -> Void) rethrows {
    guard knownDocuments == nil, let knownSlices else { return try documents.forEach(body) }
    for hits in knownSlices { try hits.forEachOrdinal { try body(hits.docID($0)) } }
  }
}
