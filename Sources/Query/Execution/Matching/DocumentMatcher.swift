import Bytes
import Index

/// Tells of one document whether it matches a bound query, or a part of one, as a search does that looks at it alone.
struct DocumentMatcher {
  private let docID: DocID
  private let cache: RecordCache
  private let firstLeaf: Int

  /// - Parameter firstLeaf: in the cache, of the query's leaves, where it has those of several queries.
  init(_ docID: DocID, _ cache: RecordCache, firstLeaf: Int = 0) {
    self.docID = docID
    self.cache = cache
    self.firstLeaf = firstLeaf
  }

  func isHit(of query: BoundQuery, _ attributes: UserAttributes) throws -> Bool {
    guard query.window.contains(attributes.key(docID)), !query.excluded.contains(where: { $0.contains(docID) }) else {
      return false
    }
    return try matches(query.root)
  }

  func matches(_ node: BoundNode) throws -> Bool {
    switch node {
    case .documents(let documents): documents.contains(docID)
    case .text(let leaf): try cache.verify(firstLeaf + leaf, docID)
    case .messageID(let id): try cache.record(docID).hasMessageID(id)
    case .column(let filter): try filter.matches(cache.record(docID))
    case .header(let header): try cache.matches(header, docID)
    // What needs the mail itself last.
    case .and(let nodes):
      try nodes.allSatisfy { try $0.readsHeader || matches($0) }
        && nodes.allSatisfy { try !$0.readsHeader || matches($0) }
    case .or(let nodes): try nodes.contains(where: matches)
    case .not(let node): try !matches(node)
    }
  }
}
