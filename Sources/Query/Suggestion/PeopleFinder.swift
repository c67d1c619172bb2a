import Analysis
import Bytes
import Index

/// Finds people of a mailbox by the beginning of their address, of a part of it, or of a word of their name: who wrote the mail,
/// and to whom the newest of it goes. Those come first with whom there was much mail lately.
struct PeopleFinder {
  struct Person {
    let address: String
    let name: String?
  }

  /// Records read of mail that is in no segment, newest first.
  private static let pendingLimit = 256
  /// Mails whose recipients are looked at, the newest that have one of them.
  private static let recipientLimit = 48
  /// Documents between two looks at the deadline.
  private static let documentsPerLook = 4_096
  /// In which mail counts half.
  private static let halfLife: Double = 180 * 86_400_000

  private struct Tally {
    var count = 0
    var newest: DocumentKey

    mutating func add(_ count: Int, _ newest: DocumentKey) {
      self.count += count
      self.newest = max(self.newest, newest)
    }
  }

  private let searcher: Searcher
  private let snapshot: UserSnapshot
  private let context: SearchContext
  private let text: UserText
  private let attributes: UserAttributes
  private let deadline: SearchDeadline
  private let typed: String
  private let beginning: TypedBeginning
  /// Mail in spam and trash is nobody's.
  private let excluded: DocIDBitmap
  private var tallies: [[UInt8]: Tally] = [:]

  /// - Parameter typed: not empty.
  init(
    _ typed: String, _ searcher: Searcher, _ snapshot: UserSnapshot, _ context: SearchContext,
    _ deadline: SearchDeadline
  ) throws {
    self.typed = typed
    beginning = TypedBeginning(typed)
    self.searcher = searcher
    self.snapshot = snapshot
    self.context = context
    self.deadline = deadline
    text = try snapshot.text()
    attributes = snapshot.attributes
    let attributes = attributes
    excluded = context.hiddenFolders.reduce(DocIDBitmap()) { $0.union(attributes.folder($1.id)) }
  }

  mutating func people(limit: Int) throws -> [Person] {
    for part in text.records.parts { try addSenders(part) }
    try addPendingSenders()
    try addRecipients()
    let scored = tallies.map { (address: $0.key, tally: $0.value, score: score($0.value)) }
    let best = scored.sorted { left, right in
      left.score == right.score ? left.address.lexicographicallyPrecedes(right.address) : left.score > right.score
    }.prefix(limit)
    return try best.map { address, tally, _ in
      Person(
        address: String(decoding: address, as: UTF8.self), name: try name(of: address, in: tally.newest.docID))
    }
  }

  private func score(_ tally: Tally) -> Double {
    let age = Double(max(0, context.now.rawValue - tally.newest.receivedAt.rawValue))
    return Double(tally.count) / (1 + age / Self.halfLife)
  }

  private mutating func add(_ address: [UInt8], _ count: Int, _ newest: DocumentKey) {
    if address.isEmpty { return }
    tallies[address, default: Tally(newest: newest)].add(count, newest)
  }

  // MARK: Senders

  private mutating func addSenders(_ part: SegmentPart) throws {
    try deadline.check()
    let column = try part.senders()
    let strings = column.strings { beginning.begins(inFolded: $0.span) }
    guard strings.contains(true) else { return }
    let isWanted = (0..<column.count).map { sender in
      strings[column.addressNumber(of: sender)] || strings[Int(column.keyNumber(of: sender))]
    }
    var counts = [Int](repeating: 0, count: column.count)
    var newest = [UInt32](repeating: 0, count: column.count)
    for (ordinal, docID) in part.docIDs.enumerated() {
      if ordinal % Self.documentsPerLook == 0 { try deadline.check() }
      let sender = column.sender(at: ordinal)
      guard isWanted[sender], isCounted(docID, among: text.covered) else { continue }
      // Ordinals are newest first.
      if counts[sender] == 0 { newest[sender] = docID }
      counts[sender] += 1
    }
    for sender in counts.indices where counts[sender] > 0 {
      add(
        column.string(number: column.addressNumber(of: sender)), counts[sender],
        attributes.key(DocID(rawValue: newest[sender])))
    }
  }

  private mutating func addPendingSenders() throws {
    for docID in text.uncovered.prefix(Self.pendingLimit) where isCounted(docID, among: text.pending.documents) {
      try deadline.check()
      let record = try text.records.record(DocID(rawValue: docID))
      let address = Array(record.senderAddress.utf8)
      if beginning.begins(inFolded: address.span) || beginning.begins(inFolded: record.senderSortKey.span) {
        add(address, 1, attributes.key(DocID(rawValue: docID)))
      }
    }
  }

  private func isCounted(_ docID: UInt32, among documents: DocIDBitmap) -> Bool {
    documents.contains(DocID(rawValue: docID)) && !excluded.contains(DocID(rawValue: docID))
  }

  // MARK: Recipients

  private mutating func addRecipients() throws {
    let hits: [DocID]
    do {
      hits = try searcher.search(
        .text(field: .to, TextQuery(.prefix, typed)), in: snapshot, context: context, limit: Self.recipientLimit,
        wantsTotal: false, wantsCursor: false, deadline: deadline
      ).documents
    } catch is QueryError {
      return
    }
    for docID in hits {
      try deadline.check()
      var seen: [[UInt8]] = []
      try text.records.head(docID).forEachPerson { list, name, address in
        // Most begin otherwise, and of those no text is made.
        guard list != .from, beginning.begins(in: address) || beginning.begins(in: name) else { return }
        let folded = ExtractedTextRecord.senderAddress(address)
        // An address is cut where it is long: it may begin so behind that.
        if beginning.begins(inFolded: folded.span) || beginning.begins(in: name), !seen.contains(folded) {
          seen.append(folded)
        }
      }
      for address in seen { add(address, 1, attributes.key(docID)) }
    }
  }

  private func name(of address: [UInt8], in docID: DocID) throws -> String? {
    var found: String?
    try text.records.head(docID).forEachPerson { _, name, own in
      guard found == nil, !name.isEmpty, ExtractedTextRecord.senderAddress(own) == address else { return }
      found = String(decoding: name, as: UTF8.self)
    }
    return found
  }
}
