import Analysis
import Bytes
import Foundation
import Index
import Query
import TestSupport
import Testing

/// Whatever the schedule of additions, changes, removals, flushes, merges, restarts, rebuilds and evictions, every answer equals
/// that of a naive scan.
@Suite struct SearchMetamorphicTests {
  /// `MAILDEX_RANDOM_SEEDS=FIRST-LAST` asks for other seeds than those of every run: see `.ci/random`.
  private static let askedSeeds = ProcessInfo.processInfo.environment["MAILDEX_RANDOM_SEEDS"].map { text in
    let ends = text.split(separator: "-").compactMap { UInt64($0) }
    precondition(ends.count == 2 && ends[0] <= ends[1], "MAILDEX_RANDOM_SEEDS=\(text) is not FIRST-LAST")
    return ends[0]...ends[1]
  }

  @Test(arguments: askedSeeds ?? 1...6)
  func `every answer equals a naive scan, whatever the schedule`(seed: UInt64) throws {
    var world = try World(seed: seed)
    for step in 0..<200 {
      try world.act()
      if step % 3 == 0 { try world.compare("seed \(seed), step \(step)") }
    }
    try world.reopen()
    for _ in 0..<40 { try world.compare("seed \(seed), after the last step") }
    // Of thousands of seeds some have a quiet schedule.
    #expect(world.compactions > 4 || Self.askedSeeds != nil, "too few steps of compaction to show anything")
    #expect(try world.index.verify() == [])
    if Self.askedSeeds != nil { print("seed=\(seed) operations=\(world.operations)") }
  }
}

/// One index, the change stream that feeds it, and what the metadata would hold.
struct World {
  static let users = [UserID(rawValue: 3), UserID(rawValue: 4), UserID(rawValue: 900)]

  let analyzers: AnalyzerSet
  let searcher: Searcher
  let model: SearchModel
  var random: RandomMail
  var disk = CrashableFileSystem()
  var index: ShardIndex
  var mails: [UserID: [DocID: SearchModel.Mail]] = [:]
  var log: [[IndexMutation]] = []
  var nextDocID: [UserID: UInt32] = [:]
  var compactions = 0
  /// Changes to mail, steps of upkeep, restarts, and answers compared.
  private(set) var operations = 0
  var replacesRecords = true

  init(seed: UInt64) throws {
    analyzers = try AnalyzerSet.builtIn(stemming: seed % 2 == 0 ? [] : StemmingLanguages([.english, .german, .french]))
    searcher = Searcher(analyzers: analyzers, cursorSecret: [UInt8](repeating: 7, count: 32))
    random = RandomMail(generator: SeededGenerator(seed: seed))
    let context = SearchContext(
      folders: RandomMail.folders, now: Timestamp(rawValue: 40 * 21_600_000), thread: { UInt32($0) })
    model = SearchModel(analyzers: analyzers, context: context)
    index = try Self.open(disk, analyzers)
  }

  static func open(_ disk: CrashableFileSystem, _ analyzers: AnalyzerSet) throws -> ShardIndex {
    // Budgets so small that users are evicted all the time.
    var options = IndexOptions(attributeByteCount: 60_000, cacheByteCount: 20_000)
    // And merges and segments so early that there are many.
    options.compaction.fanIn = 3
    options.compaction.pendingMails = 4
    options.compaction.inversionByteCount = 4_000
    return try ShardIndex.open(
      fileSystem: disk, directory: "data/index", analyzers: analyzers, options: options)
  }

  mutating func act() throws {
    operations += 1
    let user = random.pick(Self.users)
    switch Int.random(in: 0..<100, using: &random.generator) {
    case 0..<55: try commit((0..<Int.random(in: 1...6, using: &random.generator)).map { _ in add(user) })
    case 55..<67: try commit(existing(user).map { [change(user, $0)] } ?? [])
    case 67..<70 where replacesRecords: try commit(existing(user).map { [replace(user, $0)] } ?? [])
    case 70..<80: try commit(existing(user).map { [remove(user, $0)] } ?? [])
    case 80..<84: try index.flush()
    case 84..<90: try compact()
    case 90..<93: try reopen()
    case 93..<96: index.unload(user)
    case 96..<98: try rebuild(.all)
    default: try rebuild(.user(user))
    }
  }

  mutating func reopen() throws {
    disk = disk.reopened(random.pick([.kept, .dropped, .torn(seed: random.generator.next())]))
    index = try Self.open(disk, analyzers)
    replay()
  }

  /// Applies what the index does not hold durably.
  func replay() {
    let applied = Int(index.appliedSequence.rawValue)
    for (offset, mutations) in log[applied...].enumerated() { apply(mutations, applied + offset + 1) }
  }

  private mutating func compact() throws {
    if Bool.random(using: &random.generator) { try index.flush() }
    let mails = mails
    let source = CompactionSource { user in
      mails[user, default: [:]].map { DocumentKey(receivedAt: $1.attributes.receivedAt, docID: $0) }
    }
    let goal: CompactionGoal = random.pick([.due, .due, .due, .due, .due, .due, .oneRun, .onePart])
    for _ in 0..<Int.random(in: 1...5, using: &random.generator) where try index.compact(source, goal) {
      compactions += 1
      operations += 1
    }
  }

  private func rebuild(_ scope: ShadowBuild.Scope) throws {
    let source = ShadowSource(
      users: { Self.users },
      documents: { user in
        mails[user, default: [:]].map { DocumentKey(receivedAt: $1.attributes.receivedAt, docID: $0) }
      }, record: { user, docID, _ in mails[user]?[docID]?.record })
    let build = try ShadowBuild.begin(index, scope, source: source)
    try build.run()
    try build.swap()
  }

  private mutating func commit(_ mutations: [IndexMutation]) throws {
    if mutations.isEmpty { return }
    // The first was counted as the step that it is.
    operations += mutations.count - 1
    log.append(mutations)
    apply(mutations, log.count)
  }

  private func apply(_ mutations: [IndexMutation], _ sequence: Int) {
    let sequence = SequenceNumber(rawValue: UInt64(sequence))
    let users = Dictionary(mutations.map { ($0.user, sequence) }, uniquingKeysWith: { $1 })
    index.apply(mutations, shardSequence: sequence, userSequences: users)
  }

  private mutating func add(_ user: UserID) -> IndexMutation {
    let docID = DocID(rawValue: nextDocID[user, default: 0] + 1)
    nextDocID[user] = docID.rawValue
    let mail = SearchModel.Mail(attributes: random.attributes(), record: random.record())
    mails[user, default: [:]][docID] = mail
    return .add(user, docID, mail.attributes, EncodedRecord.make(mail.record, analyzers))
  }

  private mutating func change(_ user: UserID, _ docID: DocID) -> IndexMutation {
    var attributes = random.attributes()
    attributes.receivedAt = mails[user]![docID]!.attributes.receivedAt
    mails[user]![docID]!.attributes = attributes
    return .setAttributes(user, docID, attributes)
  }

  private mutating func replace(_ user: UserID, _ docID: DocID) -> IndexMutation {
    let record = random.record()
    mails[user]![docID]!.record = record
    return .replaceRecord(user, docID, EncodedRecord.make(record, analyzers))
  }

  private mutating func remove(_ user: UserID, _ docID: DocID) -> IndexMutation {
    mails[user]![docID] = nil
    return .remove(user, docID)
  }

  private mutating func existing(_ user: UserID) -> DocID? {
    mails[user, default: [:]].keys.sorted().randomElement(using: &random.generator)
  }

  func snapshot(_ user: UserID) throws -> UserSnapshot {
    if let snapshot = index.snapshot(user) { return snapshot }
    index.load(
      user, attributes: mails[user, default: [:]].map { ($0.key, $0.value.attributes) },
      userSequence: SequenceNumber(rawValue: UInt64(log.count)))
    return try #require(index.snapshot(user))
  }

  mutating func compare(_ what: String) throws {
    let user = random.pick(Self.users)
    let query = random.query()
    // Half of them by the order that nearly every search asks for.
    let others = SortOrder.allCases.filter { $0 != .newestFirst }
    let sort = Bool.random(using: &random.generator) ? .newestFirst : random.pick(others)
    let expected = model.search(query, mails[user, default: [:]], sort)
    let snapshot = try snapshot(user)
    #expect(snapshot.attributes.count == mails[user, default: [:]].count)
    let limit = Int.random(in: 1...9, using: &random.generator)
    var pages: [DocID] = []
    var scores: [Double] = []
    var cursor: String?
    let wantsTotal = random.chance(70)
    if random.chance(40) { try compareFacets(query, snapshot, what) }
    repeat {
      let page = try searcher.search(
        query, in: snapshot, context: model.context, sort: sort, limit: limit, cursor: cursor,
        wantsTotal: wantsTotal)
      operations += 1
      #expect(page.total == (wantsTotal ? expected.count : nil), "\(what): \(query)")
      #expect(page.nextCursor == nil || page.documents.count == limit, "\(what): \(query)")
      pages += page.documents
      scores += page.scores
      cursor = page.nextCursor
    } while cursor != nil
    // Which mail is the more relevant the model does not know; every hit comes once.
    #expect(
      scores == scores.sorted(by: >) && scores.count == (sort == .relevance ? pages.count : 0), "\(what): \(query)")
    if sort == .relevance { pages.sort { expected.firstIndex(of: $0) ?? .max < expected.firstIndex(of: $1) ?? .max } }
    #expect(pages == expected, "\(what): \(query) sorted by \(sort.rawValue)")
  }

  /// The counts are those of a naive scan, and each is the total of the query with its value besides.
  private mutating func compareFacets(_ query: QueryNode, _ snapshot: UserSnapshot, _ what: String) throws {
    let names = FacetName.allCases.filter { _ in random.chance(60) }
    let limit = random.pick([1, 2, 500])
    let sort = random.pick([SortOrder.newestFirst, .subject])
    func search(_ query: QueryNode, _ facets: FacetRequest) throws -> SearchResult {
      try searcher.search(query, in: snapshot, context: model.context, sort: sort, limit: 3, facets: facets)
    }
    let result = try search(query, FacetRequest(names, limit: limit))
    operations += 1
    let expected = model.facets(query, mails[snapshot.user, default: [:]])
    #expect(result.facets.map(\.name) == names)
    for facet in result.facets {
      let all = expected[facet.name] ?? []
      #expect(facet.values == Array(all.prefix(limit)), "\(what): \(facet.name) of \(query)")
      #expect(facet.otherCount == max(0, all.count - limit), "\(what): \(facet.name) of \(query)")
      let value = facet.values.isEmpty ? nil : random.pick(facet.values)
      if let value, let total = try search(try facet.name.narrowed(query, to: value.value), .none).total {
        #expect(total == value.count, "\(what): \(facet.name) \(value) of \(query)")
      }
    }
  }
}
