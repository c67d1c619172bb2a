import Analysis
import Bytes
import Index

/// The records of one search, opened when the first is needed: a query of filters alone reads no file. Keeps the last
/// one read with what its fields matched, for all words of the query: a document is verified against all leaves before
/// the next one is looked at. Used by one thread.
final class RecordCache {
  private let snapshot: UserSnapshot
  private var opened: UserRecords?
  private let analyzers: AnalyzerSet
  private let deadline: SearchDeadline
  private var leaves: [TextLeaf] = []
  private var matchers: [RecordField: FieldMatcher] = [:]
  private var docID: DocID?
  private var current = ExtractedTextRecord()
  private var matches: [RecordField: FieldMatcher.Matches] = [:]
  /// Records read and decompressed.
  private(set) var readCount = 0

  init(_ snapshot: UserSnapshot, _ analyzers: AnalyzerSet, _ deadline: SearchDeadline) {
    self.snapshot = snapshot
    self.analyzers = analyzers
    self.deadline = deadline
  }

  /// Adds to what is looked for, before any record is read.
  ///
  /// - Returns: the leaf's number.
  func add(_ leaf: TextLeaf) -> Int {
    precondition(matchers.isEmpty, "the query is bound before it is run")
    leaves.append(leaf)
    return leaves.count - 1
  }

  func records() throws -> UserRecords {
    if let opened { return opened }
    let records = try snapshot.openRecords()
    opened = records
    return records
  }

  func record(_ docID: DocID) throws -> ExtractedTextRecord {
    if self.docID == docID { return current }
    self.docID = nil
    current = try records().record(docID)
    matches.removeAll(keepingCapacity: true)
    readCount += 1
    self.docID = docID
    return current
  }

  /// Short fields first, so that most matches end before the body is analysed.
  func matches(_ leaf: Int, _ docID: DocID) throws -> Bool {
    let record = try record(docID)
    for field in leaves[leaf].fields where try matches(of: field, in: record).contains(leaf) { return true }
    return false
  }

  private func matches(of field: RecordField, in record: ExtractedTextRecord) throws -> FieldMatcher.Matches {
    if let known = matches[field] { return known }
    let matcher = matcher(field)
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

  private func matcher(_ field: RecordField) -> FieldMatcher {
    if let known = matchers[field] { return known }
    let matcher = FieldMatcher(leaves.map { $0.pattern(for: field) }, analyzers[field.analyzer])
    matchers[field] = matcher
    return matcher
  }
}
