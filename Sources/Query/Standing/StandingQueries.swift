import Analysis
import Index

/// One user's standing queries: told apart by a mail's words before any is asked, as Lucene's monitor does with a presearcher.
///
/// Each query is filed under terms of which a mail must have one to match it (`Requirement`); those without such terms are
/// asked of every mail. A value, used by one thread; the numbers by which queries are known are their owner's.
package struct StandingQueries {
  private var queries: [UInt64: StandingQuery] = [:]
  /// By `termHash`.
  private var byTerm: [UInt32: [UInt64]] = [:]
  private var byBeginning = BeginningTable()
  private var askedAlways: Set<UInt64> = []
  /// Of those, ready to be asked; another one when they change.
  private var always = Always()
  /// Of those: see `StandingQuery.dues`.
  package private(set) var dues = 0
  /// Of all.
  package private(set) var wordCount = 0

  private final class Always {
    var group: AskedQueries?
  }

  package init() {}

  package var isEmpty: Bool { queries.isEmpty }
  package var count: Int { queries.count }

  package subscript(number: UInt64) -> StandingQuery? { queries[number] }

  /// Puts a query, in place of one of the same number.
  package mutating func insert(_ query: StandingQuery, as number: UInt64) {
    remove(number)
    queries[number] = query
    dues += query.dues
    wordCount += query.wordCount
    guard let requirement = query.requirement else {
      askedAlways.insert(number)
      always = Always()
      return
    }
    for key in requirement.keys {
      switch key {
      case .term(let hash): byTerm[hash, default: []].append(number)
      case .beginning(let bytes): byBeginning.insert(bytes, of: number)
      }
    }
  }

  package mutating func remove(_ number: UInt64) {
    guard let query = queries.removeValue(forKey: number) else { return }
    dues -= query.dues
    wordCount -= query.wordCount
    if askedAlways.remove(number) != nil { always = Always() }
    for key in query.requirement?.keys ?? [] {
      switch key {
      case .term(let hash):
        if let place = byTerm[hash]?.firstIndex(of: number) { byTerm[hash]?.remove(at: place) }
        if byTerm[hash]?.isEmpty == true { byTerm[hash] = nil }
      case .beginning(let bytes): byBeginning.remove(bytes, of: number)
      }
    }
  }

  // MARK: Which are asked

  /// Those that the mail may match, by their words.
  /// - Parameter deadline: past it those that only beginnings would tell of may be missing.
  /// - Returns: them, and whether none is missing.
  func asked(
    of mail: ArrivedMail, _ analyzers: AnalyzerSet, _ deadline: SearchDeadline
  ) throws -> (groups: [AskedQueries], areAll: Bool) {
    var chosen: Set<UInt64> = []
    var areAll = true
    if !byTerm.isEmpty {
      for hash in mail.record.termHashes {
        if let queries = byTerm[hash] { chosen.formUnion(queries) }
      }
    }
    if byBeginning.mayBeginTerm(in: mail.record.beginnings) {
      areAll = try choose(byBeginningsIn: mail, analyzers, deadline, &chosen)
    }
    var groups = chosen.isEmpty ? [] : [group(chosen, analyzers)]
    if !askedAlways.isEmpty {
      let ready = always.group ?? group(askedAlways, analyzers)
      always.group = ready
      groups.append(ready)
    }
    return (groups, areAll)
  }

  /// - Returns: whether all of the mail was looked at.
  private func choose(
    byBeginningsIn mail: ArrivedMail, _ analyzers: AnalyzerSet, _ deadline: SearchDeadline, _ chosen: inout Set<UInt64>
  ) throws -> Bool {
    let record = try EncodedRecord.open(mail.record.frame)
    do throws(SearchError) {
      _ = try RecordTokens(record: record, analyzers: analyzers, deadline: deadline).forEach { _, term, _ in
        byBeginning.forEachQuery(of: term) { chosen.insert($0) }
      }
      return true
    } catch {
      // Nothing but the deadline ends the walk.
      return false
    }
  }

  func all(_ analyzers: AnalyzerSet) -> AskedQueries { group(queries.keys, analyzers) }

  private func group(_ numbers: some Sequence<UInt64>, _ analyzers: AnalyzerSet) -> AskedQueries {
    AskedQueries(
      numbers.sorted().compactMap { number in queries[number].map { (number: number, query: $0.analyzed) } },
      analyzers)
  }
}
