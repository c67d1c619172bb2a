import Analysis
import Bytes
import Index

/// Which live documents of a snapshot may and which must hold a piece of text: from postings where documents are in
/// segments, from the filters of blocks where they are pending. Used by one thread.
final class TextSource {
  /// Every document that holds the text is in `may`, and all of `must` hold it.
  struct Bounds {
    var may = DocIDBitmap()
    var must = DocIDBitmap()

    mutating func formUnion(_ other: Bounds) {
      may.formUnion(other.may)
      must.formUnion(other.must)
    }
  }

  private struct Question: Hashable {
    var term: [UInt8]
    var isPrefix: Bool
    var fields: RecordFields
  }

  private let records: UserRecords
  private let live: DocIDBitmap
  private let pending: PendingRecords
  /// Live documents without a record: reading one tells that the record is missing, where leaving it out would be a wrong
  /// answer.
  private let missing: DocIDBitmap
  private let deadline: SearchDeadline
  private var covered: [Question: DocIDBitmap] = [:]
  private var filtered: [UInt32: DocIDBitmap] = [:]

  init(_ records: UserRecords, _ live: DocIDBitmap, _ deadline: SearchDeadline) throws {
    self.records = records
    self.live = live
    self.deadline = deadline
    let uncovered = live.subtracting(records.covered)
    pending = try records.pending(uncovered)
    missing = uncovered.subtracting(pending.documents)
  }

  /// The bounds and all live documents without a record.
  func withMissing(_ bounds: Bounds) -> Bounds { Bounds(may: bounds.may.union(missing), must: bounds.must) }

  func bounds(of phrase: [PhraseElement], in fields: RecordFields) throws -> Bounds {
    var held = live
    for element in phrase where !held.isEmpty { held = held.intersection(try documents(holding: element, in: fields)) }
    // A word with accents is found by its folded form, and what it agrees with is to be seen in the record alone.
    let isExact = phrase.count == 1 && phrase[0].folded == nil
    var open = pending.documents
    for term in phrase.compactMap(\.requiredTerm) where !open.isEmpty {
      open = open.intersection(try candidates(for: termHash(term)))
    }
    return Bounds(may: held.union(open), must: isExact ? held : DocIDBitmap())
  }

  func bounds(ofMessageID id: String) throws -> Bounds {
    let held = try records.documents(withMessageID: id).intersection(live)
    let open = try candidates(for: EncodedRecord.messageIDHash(id)).intersection(pending.documents)
    return Bounds(may: held.union(open), must: held)
  }

  /// Of the documents in segments.
  private func documents(holding element: PhraseElement, in fields: RecordFields) throws -> DocIDBitmap {
    let term = element.folded ?? element.term
    let documents = try documents(Question(term: term, isPrefix: element.isPrefix, fields: fields))
    guard element.isPrefix, element.folded != nil else { return documents }
    return documents.union(try self.documents(Question(term: element.term, isPrefix: true, fields: fields)))
  }

  private func documents(_ question: Question) throws -> DocIDBitmap {
    if let known = covered[question] { return known }
    try deadline.check()
    let documents =
      question.isPrefix
      ? try records.documents(holdingPrefix: question.term, in: question.fields)
      : try records.documents(holding: question.term, in: question.fields)
    covered[question] = documents
    return documents
  }

  private func candidates(for hash: UInt32) throws -> DocIDBitmap {
    if let known = filtered[hash] { return known }
    try deadline.check()
    let candidates = pending.candidates(for: hash)
    filtered[hash] = candidates
    return candidates
  }
}
