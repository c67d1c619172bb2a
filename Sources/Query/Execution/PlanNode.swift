import Bytes
import Index

/// A node of a bound query, with two bounds that set algebra gives before any text is read: every match is in `may`, and
/// all of `must` match. Only what lies between is verified against its record.
///
/// A leaf over attributes is exact: both bounds are the same set. So is a word where the documents are in segments, whose
/// postings say what holds it; of a phrase they say what may, and of pending documents the term filters do.
final class PlanNode {
  enum Kind {
    case documents
    /// A leaf by its number in the record cache.
    case text(Int)
    case messageID(String)
    /// Cheapest first.
    case and([PlanNode])
    case or([PlanNode])
    case not(PlanNode)
  }

  let kind: Kind
  let may: DocIDBitmap
  let must: DocIDBitmap
  /// Of verifying one document, in relation.
  let cost: Int

  init(documents: DocIDBitmap) {
    kind = .documents
    may = documents
    must = documents
    cost = 0
  }

  init(leaf: Int, cost: Int, may: DocIDBitmap, must: DocIDBitmap) {
    kind = .text(leaf)
    self.may = may
    self.must = must
    self.cost = cost
  }

  init(messageID: String, may: DocIDBitmap, must: DocIDBitmap) {
    kind = .messageID(messageID)
    self.may = may
    self.must = must
    cost = 1
  }

  init(and nodes: [PlanNode], all: DocIDBitmap) {
    kind = .and(nodes.sorted { $0.cost < $1.cost })
    may = nodes.reduce(all) { $0.intersection($1.may) }
    must = nodes.reduce(all) { $0.intersection($1.must) }
    cost = nodes.reduce(0) { $0 + $1.cost }
  }

  init(or nodes: [PlanNode]) {
    kind = .or(nodes.sorted { $0.cost < $1.cost })
    may = nodes.reduce(DocIDBitmap()) { $0.union($1.may) }
    must = nodes.reduce(DocIDBitmap()) { $0.union($1.must) }
    cost = nodes.reduce(0) { $0 + $1.cost }
  }

  init(not node: PlanNode, all: DocIDBitmap) {
    kind = .not(node)
    may = all.subtracting(node.must)
    must = all.subtracting(node.may)
    cost = node.cost
  }

  /// Whether the document matches, exactly.
  func matches(_ docID: DocID, _ records: RecordCache) throws -> Bool {
    if must.contains(docID) { return true }
    if !may.contains(docID) { return false }
    switch kind {
    case .documents: return false
    case .text(let leaf): return try records.matches(leaf, docID)
    case .messageID(let id): return try records.record(docID).messageID == id
    case .and(let nodes): return try nodes.allSatisfy { try $0.matches(docID, records) }
    case .or(let nodes): return try nodes.contains { try $0.matches(docID, records) }
    case .not(let node): return try !node.matches(docID, records)
    }
  }
}
