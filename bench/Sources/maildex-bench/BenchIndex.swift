import Analysis
import Bytes
import Foundation
import Index
import Query

/// An index on a directory, with the change stream that feeds it. What the metadata would hold (users, dates, flags) lies
/// beside it in a file of the bench's own.
final class BenchIndex {
  struct Row: Codable {
    var user: UInt32
    var docID: UInt32
    var rank: Int
    var receivedAt: Int64
    var isUnread: Bool
    var size: UInt64
  }

  let analyzers: AnalyzerSet
  let searcher: Searcher
  private(set) var index: ShardIndex
  private(set) var rows: [UInt32: [Row]] = [:]
  private(set) var userNumbers: [String: UInt32] = [:]
  private let directory: String
  private let hasUsers: Bool
  private var sequence: UInt64 = 0

  init(_ directory: String, hasUsers: Bool) throws {
    self.directory = directory
    self.hasUsers = hasUsers
    analyzers = try AnalyzerSet.builtIn()
    searcher = Searcher(analyzers: analyzers, cursorSecret: [UInt8](repeating: 1, count: 32))
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    var options = IndexOptions()
    options.cacheByteCount = 64 << 20
    options.attributeByteCount = 256 << 20
    index = try ShardIndex.open(
      fileSystem: PosixFileSystem(), directory: directory + "/index", analyzers: analyzers, options: options)
    if let data = FileManager.default.contents(atPath: directory + "/rows.json") {
      let saved = try JSONDecoder().decode(Saved.self, from: data)
      (rows, userNumbers) = (saved.rows, saved.userNumbers)
      sequence = index.appliedSequence.rawValue
    }
  }

  private struct Saved: Codable {
    var rows: [UInt32: [Row]]
    var userNumbers: [String: UInt32]
  }

  func save() throws {
    try JSONEncoder().encode(Saved(rows: rows, userNumbers: userNumbers))
      .write(to: URL(fileURLWithPath: directory + "/rows.json"))
  }

  func user(_ name: String?) -> UserID? {
    hasUsers ? name.flatMap { userNumbers[$0] }.map(UserID.init(rawValue:)) : UserID(rawValue: 1)
  }

  /// The mutation that adds the document as the user's next.
  func mutation(_ document: Document, rank: Int, appending probe: String = "") -> IndexMutation {
    var number: UInt32 = 1
    if hasUsers {
      number = userNumbers[document.u] ?? UInt32(userNumbers.count + 1)
      userNumbers[document.u] = number
    }
    let docID = UInt32(rows[number, default: []].count + 1)
    let attributes = document.attributes
    rows[number, default: []].append(
      Row(
        user: number, docID: docID, rank: rank, receivedAt: attributes.receivedAt.rawValue,
        isUnread: document.r.isUnread, size: attributes.size))
    return .add(
      UserID(rawValue: number), DocID(rawValue: docID), attributes,
      EncodedRecord.make(document.record(appending: probe), analyzers))
  }

  func apply(_ mutation: IndexMutation) {
    sequence += 1
    let sequence = SequenceNumber(rawValue: sequence)
    index.apply([mutation], shardSequence: sequence, userSequences: [mutation.user: sequence])
  }

  var nextSequence: SequenceNumber { SequenceNumber(rawValue: sequence + 1) }

  /// - Parameter fully: as the peers' `optimize`; else what a server does beside its work.
  func compact(fully: Bool = true) throws {
    let source = CompactionSource { [unowned self] user in
      rows[user.rawValue, default: []].map {
        DocumentKey(receivedAt: Timestamp(rawValue: $0.receivedAt), docID: DocID(rawValue: $0.docID))
      }
    }
    while try index.compact(source) {}
    if !fully { return }
    _ = try index.compact(source, .oneRun)
    _ = try index.compact(source, .onePart)
  }

  func snapshot(_ user: UserID) -> UserSnapshot? {
    if let snapshot = index.snapshot(user) { return snapshot }
    let own = rows[user.rawValue, default: []]
    return index.load(
      user,
      attributes: own.lazy.map { row in
        (
          DocID(rawValue: row.docID),
          DocumentAttributes(
            receivedAt: Timestamp(rawValue: row.receivedAt), folder: FolderID(rawValue: 1),
            flags: row.isUnread ? [] : [.isRead], labels: [], size: row.size, thread: 0)
        )
      }, userSequence: SequenceNumber(rawValue: sequence))
  }

  let context = SearchContext(
    folders: [SearchFolder(id: FolderID(rawValue: 1), name: "Inbox", role: "inbox")], now: Timestamp(rawValue: 0))

  func search(
    _ query: AnalyzedQuery, _ user: UserID, limit: Int = 20, cursor: String? = nil, wantsTotal: Bool = false,
    wantsCursor: Bool = false, facets: FacetRequest = .none
  ) throws -> SearchResult? {
    guard let snapshot = snapshot(user) else { return nil }
    return try searcher.search(
      query, in: snapshot, context: context, limit: limit, cursor: cursor, wantsTotal: wantsTotal,
      wantsCursor: wantsCursor, facets: facets)
  }

  func rank(_ docID: DocID, of user: UserID) -> Int { rows[user.rawValue, default: []][Int(docID.rawValue) - 1].rank }
}
