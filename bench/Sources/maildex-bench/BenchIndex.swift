import Analysis
import ArgumentParser
import Bytes
import Index
import Query

/// An index on a directory, with the change stream that feeds it.
final class BenchIndex {
  let analyzers: AnalyzerSet
  let searcher: Searcher
  let index: ShardIndex
  private(set) var ledger: Ledger
  private let hasUsers: Bool
  private var sequence: UInt64

  /// With room for the largest mailbox that is measured, and for what searches read of it.
  static var roomy: IndexOptions { IndexOptions(attributeByteCount: 256 << 20, cacheByteCount: 64 << 20) }

  /// - Parameters:
  ///   - ledger: what `directory` keeps beside the index, or the users of it alone where nothing is added, merged or ranked.
  ///   - analyzers: those of the process, which a server makes once.
  init(
    _ directory: String, _ ledger: Ledger, _ analyzers: AnalyzerSet, hasUsers: Bool, options: IndexOptions = roomy
  ) throws {
    self.ledger = ledger
    self.hasUsers = hasUsers
    self.analyzers = analyzers
    searcher = Searcher(analyzers: analyzers, cursorSecret: [UInt8](repeating: 1, count: 32))
    index = try ShardIndex.open(
      fileSystem: PosixFileSystem(), directory: directory + "/index", analyzers: analyzers, options: options)
    sequence = index.appliedSequence.rawValue
  }

  /// With all that the directory keeps.
  convenience init(_ directory: String, hasUsers: Bool) throws {
    try self.init(directory, Ledger.read(directory), AnalyzerSet.builtIn(), hasUsers: hasUsers)
  }

  func user(_ name: String?) -> UserID? {
    hasUsers ? name.flatMap { ledger.users[$0] }.map(UserID.init(rawValue:)) : UserID(rawValue: 1)
  }

  /// The mutation that adds the document as the user's next.
  func mutation(_ document: Document, rank: Int, appending probe: String = "") -> IndexMutation {
    let number = hasUsers ? ledger.number(document.u) : 1
    let attributes = document.attributes
    let docID = ledger.add(number, rank: rank, at: attributes.receivedAt)
    return .add(
      UserID(rawValue: number), docID, attributes, EncodedRecord.make(document.record(appending: probe), analyzers))
  }

  /// - Parameter mutations: of one user, which become visible at once.
  func apply(_ mutations: [IndexMutation]) {
    guard let user = mutations.first?.user else { return }
    sequence += 1
    let sequence = SequenceNumber(rawValue: sequence)
    index.apply(mutations, shardSequence: sequence, userSequences: [user: sequence])
  }

  /// - Parameter fully: as the peers' `optimize`; else what a server does beside its work.
  func compact(fully: Bool = true) throws {
    let source = CompactionSource { [ledger] user in ledger.documents(user) }
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

  func rank(_ docID: DocID, of user: UserID) -> Int { ledger.rank(docID, of: user) }
}
