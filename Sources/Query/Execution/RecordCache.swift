import Analysis
import Bytes
import Index

/// The text of one search, opened when it is first needed: a query of filters alone reads no file. Keeps the last record
/// read with what its fields matched, for all words of the query: a document is verified against all leaves before the
/// next one is looked at. Remembers what was verified, so that no record is read twice. Used by one thread.
final class RecordCache {
  private let snapshot: UserSnapshot
  private var opened: UserText?
  let analyzers: AnalyzerSet
  private let deadline: SearchDeadline
  private let leaves: [TextLeaf]
  /// For each leaf the documents that were verified, and those of them that match; none until one is.
  private var verified: [DocIDBitmap] = []
  private var matching: [DocIDBitmap] = []
  /// Made when the first record is verified: most searches verify none.
  private var matchers: FieldMatchers?
  private var docID: DocID?
  private var current: ExtractedTextRecord?
  private var matches: [RecordField: FieldMatcher.Matches] = [:]
  /// Records read and decompressed.
  private(set) var readCount = 0
  /// Of a search that explains itself.
  let trace: SearchTrace?
  private let context: SearchContext
  private var headers: HeaderSearch?

  /// - Parameters:
  ///   - matchers: of the leaves, where they are kept from one search to the next.
  ///   - headers: where several read the header of the same mail.
  init(
    _ snapshot: UserSnapshot, _ leaves: [TextLeaf], _ context: SearchContext, _ analyzers: AnalyzerSet,
    _ deadline: SearchDeadline, trace: SearchTrace? = nil, matchers: FieldMatchers? = nil,
    headers: HeaderSearch? = nil
  ) {
    self.context = context
    self.snapshot = snapshot
    self.leaves = leaves
    self.analyzers = analyzers
    self.deadline = deadline
    self.trace = trace
    self.matchers = matchers
    self.headers = headers
  }

  /// What a leaf asks of which fields.
  func fieldsByPattern(_ leaf: Int) -> [(pattern: TextPattern, fields: RecordFields)] { leaves[leaf].fieldsByPattern }

  func text() throws -> UserText {
    if let opened { return opened }
    let text = try snapshot.text()
    opened = text
    return text
  }

  func record(_ docID: DocID) throws -> ExtractedTextRecord {
    if self.docID == docID, let current { return current }
    self.docID = nil
    // A read and some ten microseconds of analysis for each.
    if readCount % 16 == 0 { try deadline.check() }
    let record = try text().records.record(docID)
    current = record
    try trace?.noteRecord(docID, text().records)
    matches.removeAll(keepingCapacity: true)
    readCount += 1
    self.docID = docID
    return record
  }

  /// Whether a mail has the header field. Reads the mail.
  func matches(_ query: HeaderQuery, _ docID: DocID) throws -> Bool {
    let headers = headers ?? HeaderSearch(context, analyzers.identifier, deadline)
    self.headers = headers
    return try headers.matches(query, docID)
  }

  func matches(_ leaf: Int, _ docID: DocID) throws -> Bool {
    if verified.isEmpty {
      verified = leaves.map { _ in DocIDBitmap() }
      matching = verified
    }
    if verified[leaf].contains(docID) { return matching[leaf].contains(docID) }
    let isMatch = try verify(leaf, docID)
    verified[leaf].insert(docID)
    if isMatch { matching[leaf].insert(docID) }
    return isMatch
  }

  /// The same, kept no longer than the record is: for who asks of one document alone. Short fields first, so that most matches
  /// end before the body is analysed.
  func verify(_ leaf: Int, _ docID: DocID) throws -> Bool {
    let record = try record(docID)
    for field in leaves[leaf].fields where try matches(of: field, in: record).contains(leaf) { return true }
    return false
  }

  private func matches(of field: RecordField, in record: ExtractedTextRecord) throws -> FieldMatcher.Matches {
    if let known = matches[field] { return known }
    let matchers = self.matchers ?? FieldMatchers(leaves, analyzers)
    self.matchers = matchers
    let matcher = matchers[field]
    var found = matcher.noMatches(of: leaves.count)
    var failure: SearchError?
    record.forEachValue(of: field) { value in
      guard failure == nil else { return }
      do throws(SearchError) { try matcher.match(value, &found, deadline) } catch { failure = error }
    }
    if let failure { throw failure }
    matches[field] = found
    return found
  }
}
