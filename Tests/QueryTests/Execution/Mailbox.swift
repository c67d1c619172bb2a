import Analysis
import Bytes
import Index
import Query
import TestSupport

/// One user's mails in an index in memory, for tests of searches.
final class Mailbox {
  static let secret = [UInt8](repeating: 9, count: 32)

  let analyzers: AnalyzerSet
  let index: ShardIndex
  let searcher: Searcher
  let user: UserID
  var context: SearchContext
  private var count: UInt32 = 0
  private var sequence: UInt64 = 0

  init(user: UInt32 = 1, index: ShardIndex? = nil, stemming: StemmingLanguages = []) throws {
    analyzers = try AnalyzerSet.builtIn(stemming: stemming)
    var options = IndexOptions()
    options.compaction.pendingMails = 1
    self.index =
      try index
      ?? ShardIndex.open(
        fileSystem: CrashableFileSystem(), directory: "index", analyzers: analyzers, options: options)
    searcher = Searcher(analyzers: analyzers, cursorSecret: Self.secret)
    self.user = UserID(rawValue: user)
    context = SearchContext(folders: RandomMail.folders, now: Timestamp(rawValue: 1_000_000_000))
    self.index.load(self.user, attributes: [], userSequence: .zero)
  }

  /// Makes segments of all mail.
  func invert() throws {
    try index.flush()
    let keys = snapshot.attributes.live.docIDs.map(snapshot.attributes.key)
    while try index.compact(CompactionSource { _ in keys }) {}
  }

  @discardableResult
  func add(
    _ subject: String = "", from: (String?, String) = (nil, "alice@example.com"), body: String = "", at: Int64? = nil,
    folder: UInt32 = 1, size: UInt64 = 100, labels: [String] = [],
    change: (inout ExtractedTextRecord) -> Void = { _ in }
  ) -> DocID {
    count += 1
    var record = ExtractedTextRecord()
    record.subject = subject
    record.from = [.init(name: from.0, address: from.1)]
    record.body = body
    change(&record)
    let attributes = DocumentAttributes(
      receivedAt: Timestamp(rawValue: at ?? Int64(count)), folder: FolderID(rawValue: folder), flags: [],
      labels: labels, size: size, thread: count)
    apply(.add(user, DocID(rawValue: count), attributes, EncodedRecord.make(record, analyzers)))
    return DocID(rawValue: count)
  }

  func apply(_ mutation: IndexMutation) {
    sequence += 1
    let sequence = SequenceNumber(rawValue: sequence)
    index.apply([mutation], shardSequence: sequence, userSequences: [mutation.user: sequence])
  }

  var snapshot: UserSnapshot { index.snapshot(user)! }

  func search(
    _ query: String, sort: SortOrder = .newestFirst, limit: Int = 50, cursor: String? = nil,
    deadline: SearchDeadline = .never
  ) throws -> SearchResult {
    try search(parseQuery(query).root, sort: sort, limit: limit, cursor: cursor, deadline: deadline)
  }

  func search(
    _ query: QueryNode, sort: SortOrder = .newestFirst, limit: Int = 50, cursor: String? = nil,
    deadline: SearchDeadline = .never
  ) throws -> SearchResult {
    try searcher.search(
      query, in: snapshot, context: context, sort: sort, limit: limit, cursor: cursor, deadline: deadline)
  }

  func hits(_ query: QueryNode) throws -> [UInt32] { try search(query).documents.map(\.rawValue) }

  func hits(_ query: String, sort: SortOrder = .newestFirst) throws -> [UInt32] {
    try search(query, sort: sort).documents.map(\.rawValue)
  }
}
