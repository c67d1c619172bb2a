import Analysis
package import Bytes
import Index

/// Takes down what one search does: its plan, what it reads of each slice and how long each step takes. Handed to
/// `Searcher.search`, and read afterwards. A search without one does nothing for it.
///
/// Used by the search's one thread.
package final class SearchTrace {
  /// What was done in one slice of the mailbox.
  struct SliceTrace {
    let slice: Slice
    /// The part as it is without a trace, and what was read of it; `nil` for what is in no segment.
    let original: SegmentPart?
    let part: PartTrace?
    /// The iterators, as they stood when the slice was first walked; empty where it never was.
    var plan: [String] = []
  }

  private let clock: any MonotonicClock
  private var lastMoment: Duration
  /// Each with its name, in the order in which they ended.
  private(set) var steps: [(name: String, duration: Duration)]
  private(set) var slices: [SliceTrace] = []
  /// Text records that were read and decompressed, each time anew, with the bytes of their frames.
  private(set) var records: [(docID: DocID, byteCount: Int)] = []
  private(set) var plan: [String] = []
  /// Of the page.
  private(set) var hits: [DocID] = []
  private(set) var total: Int?
  /// The leaves of the query that ask for words, by their number.
  private var clauses: [String] = []
  private var iteratorNames: [ObjectIdentifier: (iterator: DocumentIterator, name: String)] = [:]

  /// - Parameter parsing: how long the query's text took to parse, which was before.
  package init(parsing: Duration, clock: any MonotonicClock = SystemClock()) {
    self.clock = clock
    steps = [("parse", parsing)]
    lastMoment = clock.elapsed()
  }

  private func endStep(_ name: String) {
    let now = clock.elapsed()
    steps.append((name, now - lastMoment))
    lastMoment = now
  }

  // MARK: The search's steps, in their order

  func noteAnalyzed(_ query: AnalyzedQuery, _ analyzers: AnalyzerSet) {
    endStep("analyze")
    query.query.forEachNode { node in
      guard case .text(let field, let text) = node, !TextLeaf(text, field, analyzers).isEmpty else { return }
      clauses.append(node.clause)
    }
    lastMoment = clock.elapsed()
  }

  func noteBound() { endStep("bind") }

  /// The page is full; what follows counts on.
  func notePage() { endStep("page") }

  func noteEnd(_ page: SearchExecution.Page, _ bound: BoundQuery, _ query: AnalyzedQuery, _ binder: QueryBinder) {
    endStep(steps.last?.name == "page" ? "count" : "page")
    hits = page.documents
    total = page.total
    plan = PlanText(clauses, query.leaves, binder).lines(query, bound)
  }

  // MARK: Slices

  /// The same slice, whose reads are counted.
  func traced(_ original: Slice) -> Slice {
    // A search walks it again where a page that is not the first one wants the total; it is the same mail.
    if let known = slices.first(where: { $0.original === original.part }) { return known.slice }
    guard let part = original.part else {
      slices.append(SliceTrace(slice: original, original: nil, part: nil))
      return original
    }
    let trace = PartTrace()
    let slice = Slice(docIDs: original.docIDs, part: part.traced(by: trace), searchable: original.searchable)
    slices.append(SliceTrace(slice: slice, original: part, part: trace))
    return slice
  }

  func noteOpened(_ iterator: DocumentIterator, over slice: Slice) {
    guard let index = slices.firstIndex(where: { $0.slice.part === slice.part }), slices[index].plan.isEmpty else {
      return
    }
    slices[index].plan = IteratorText { [iteratorNames] in iteratorNames[ObjectIdentifier($0)]?.name }.lines(iterator)
  }

  func name(_ iterator: DocumentIterator, _ name: String) {
    iteratorNames[ObjectIdentifier(iterator)] = (iterator, name)
  }

  func noteRecord(_ docID: DocID, _ records: UserRecords) throws {
    self.records.append((docID, try records.frame(docID).count))
  }
}

extension SliceBinder {
  /// Says what an iterator looks up, to a search that explains itself.
  func named<What: CustomStringConvertible>(_ iterator: DocumentIterator, _ what: @autoclosure () -> What)
    -> DocumentIterator
  {
    scope.trace?.name(iterator, what().description)
    return iterator
  }
}
