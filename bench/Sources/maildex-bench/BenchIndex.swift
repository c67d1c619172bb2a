import Analysis
import ArgumentParser
import Bytes
import Index
import Query

/// An index on a directory, with the change stream that feeds it. One caller adds at a time, any may search meanwhile.
final class BenchIndex: Sendable {
  let analyzers: AnalyzerSet
  let searcher: Searcher
  let index: ShardIndex
  private let hasUsers: Bool
  private let state: Locked<State>

  private struct State {
    var ledger: Ledger
    var sequence: UInt64
  }

  /// With room for the largest mailbox that is measured, and for what searches read of it.
  static var roomy: IndexOptions { IndexOptions(attributeByteCount: 256 << 20, cacheByteCount: 64 << 20) }

  /// - Parameters:
  ///   - ledger: what `directory` keeps beside the index, or the users of it alone where nothing is added, merged or ranked.
  ///   - analyzers: those of the process, which a server makes once.
  init(
    _ directory: String, _ ledger: Ledger, _ analyzers: AnalyzerSet, hasUsers: Bool, options: IndexOptions = roomy
  ) throws {
    self.hasUsers = hasUsers
    self.analyzers = analyzers
    searcher = Searcher(analyzers: analyzers, cursorSecret: [UInt8](repeating: 1, count: 32))
    index = try ShardIndex.open(
      fileSystem: PosixFileSystem(), directory: directory + "/index", analyzers: analyzers, options: options)
    state = Locked(State(ledger: ledger, sequence: index.appliedSequence.rawValue))
  }

  /// With all that the directory keeps.
  convenience init(_ directory: String, hasUsers: Bool) throws {
    try self.init(directory, Ledger.read(directory), AnalyzerSet.builtIn(), hasUsers: hasUsers)
  }

  var ledger: Ledger { state.withLock { $0.ledger } }

  func user(_ name: String?) -> UserID? {
    guard hasUsers else { return UserID(rawValue: 1) }
    return name.flatMap { name in state.withLock { $0.ledger.users[name] } }.map(UserID.init(rawValue:))
  }

  /// The mutation that adds the document as the user's next: to be applied before the next is asked for.
  func mutation(_ document: Document, _ record: EncodedRecord, rank: Int) -> IndexMutation {
    let attributes = document.attributes
    return state.withLock { state in
      let number = hasUsers ? state.ledger.number(document.u) : 1
      let docID = state.ledger.add(number, rank: rank, at: attributes.receivedAt)
      return .add(UserID(rawValue: number), docID, attributes, record)
    }
  }

  func mutation(_ document: Document, rank: Int) -> IndexMutation {
    mutation(document, EncodedRecord.make(document.record, analyzers), rank: rank)
  }

  /// All of them become visible at once.
  func apply(_ mutations: [IndexMutation]) {
    let sequence = state.withLock { state in
      state.sequence += 1
      return SequenceNumber(rawValue: state.sequence)
    }
    let users = mutations.map { ($0.user, sequence) }
    index.apply(mutations, shardSequence: sequence, userSequences: Dictionary(users) { first, _ in first })
  }

  /// - Parameter fully: as the peers' `optimize`; else what a server does beside its work.
  func compact(fully: Bool = true) throws {
    let ledger = ledger
    let source = CompactionSource { user in ledger.documents(user) }
    while try index.compact(source) {}
    if !fully { return }
    _ = try index.compact(source, .oneRun)
    _ = try index.compact(source, .onePart)
  }

  /// A user who is not in memory is read from the attribute files, as a server does it.
  func snapshot(_ user: UserID) throws -> UserSnapshot {
    try index.snapshot(of: user) { _ in
      throw ValidationError("the attribute files do not tell all of user \(user), and there are no rows to read")
    }
  }

  let context = SearchContext(
    folders: [SearchFolder(id: FolderID(rawValue: 1), name: "Inbox", role: "inbox")], now: Timestamp(rawValue: 0))

  func search(
    _ query: AnalyzedQuery, _ user: UserID, limit: Int = 20, cursor: String? = nil, wantsTotal: Bool = false,
    wantsCursor: Bool = false, facets: FacetRequest = .none
  ) throws -> SearchResult {
    try searcher.search(
      query, in: snapshot(user), context: context, limit: limit, cursor: cursor, wantsTotal: wantsTotal,
      wantsCursor: wantsCursor, facets: facets)
  }

  func rank(_ docID: DocID, of user: UserID) -> Int { state.withLock { $0.ledger.rank(docID, of: user) } }
}
