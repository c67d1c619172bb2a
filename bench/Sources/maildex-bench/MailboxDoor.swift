import Analysis
import ArgumentParser
import Bytes
import Foundation
import Ingest
import Logging
import MailStore
import Mailboxes
import Query

/// The door to the mailboxes, on a data directory of its own below `dir`: a mail is taken apart, its original stored and
/// synced, journalled, and in rows and index when its commit returns. What a server does but SMTP, queue and HTTP.
final class MailboxDoor: MailSink {
  typealias Mail = (user: UserID, receivedAt: Timestamp, original: [UInt8])

  private let path: String
  private let mailboxes: Mailboxes
  private let packs: PackStore
  private let originals: OriginalStore
  private let extractor: MailExtractor
  private let readThreads = BlockingThreads(name: "read", threads: 8)
  private let ingestThreads = BlockingThreads(
    name: "ingest", threads: max(2, ProcessInfo.processInfo.activeProcessorCount))
  private let users: [String: UserID]
  private let hasUsers: Bool

  /// As many as an import has under way.
  private static let mailsInFlight = 256

  /// - Parameters:
  ///   - documents: all that will be committed: of which owners.
  ///   - filled: mails that are there before anything is measured.
  /// - Throws: where `dir` has such a data directory already.
  static func make(
    _ dir: String, owners documents: [Document], filledWith filled: ArraySlice<Document>, hasUsers: Bool
  ) async throws -> MailboxDoor {
    if FileManager.default.fileExists(atPath: dir + "/door") {
      throw ValidationError("\(dir)/door is there already: measure into a new directory")
    }
    var users: [String: UserID] = [:]
    for document in hasUsers ? documents : [] where users[document.u] == nil {
      users[document.u] = UserID(rawValue: UInt32(users.count + 1))
    }
    let door = try MailboxDoor(dir + "/door", users, hasUsers: hasUsers)
    for user in hasUsers ? Array(users.values) : [UserID(rawValue: 1)] {
      try await door.mailboxes.createMailbox(user)
    }
    try await inFlight(mailsInFlight, filled.count) { position in
      let document = filled[filled.startIndex + position]
      try await door.commit(door.prepare(document, rank: position + 1))
    }
    try await door.waitUntilCompacted()
    return door
  }

  /// As a server's index is that had a moment's rest: what is left to flush or to make segments of is too little to bother.
  private func waitUntilCompacted() async throws {
    while mailboxes.serviceStatistics().shards.contains(where: { shard in
      shard.index.backlog.users > 0 || shard.index.backlog.byteCount > Self.restByteCount
        || shard.index.unflushedByteCount > Self.restByteCount
    }) {
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// What a shard that rests neither flushes nor compacts.
  private static let restByteCount = 1 << 20

  private init(_ path: String, _ users: [String: UserID], hasUsers: Bool) throws {
    let (fileSystem, analyzers) = (PosixFileSystem(), try AnalyzerSet.builtIn())
    let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
    let directory = try DataDirectory(opening: path, fileSystem: fileSystem)
    packs = try PackStore.open(fileSystem: fileSystem, directory: path)
    originals = OriginalStore.open(packs: packs, indexPath: path + "/blobs/blobs.sqlite", logger: logger)
    mailboxes = try Mailboxes(
      directory: directory, fileSystem: fileSystem, packs: packs, originals: originals, queue: nil,
      analyzers: analyzers,
      clock: SystemClock(), cursorSecret: [UInt8](repeating: 1, count: 32), threads: readThreads, logger: logger,
      timeZone: .gmt, ownAddresses: { _ in [] })
    extractor = MailExtractor(analyzers: analyzers)
    self.path = path
    self.users = users
    self.hasUsers = hasUsers
  }

  func prepare(_ document: Document, rank: Int) throws -> Mail {
    (try owner(of: document), document.attributes.receivedAt, document.original)
  }

  func commit(_ mail: Mail) async throws {
    let extracted = try await ingestThreads.run { [extractor] in extractor.extract(mail.original) }
    let original = try await originals.store(mail.original)
    let message = NewMessage(
      destination: .role(.inbox), flags: [], labels: [], receivedAt: mail.receivedAt, size: UInt64(mail.original.count),
      original: original, trace: "", contentHash: extracted.contentHash, summary: extracted.summary,
      inReplyTo: extracted.mail.inReplyTo, references: extracted.mail.references, record: extracted.record,
      queueItem: nil, skipsKnownContent: false)
    _ = try await mailboxes.deliver(message, to: mail.user)
  }

  func count(of word: String, in document: Document) async throws -> Int {
    let request = SearchRequest(
      query: try parseQuery(word).root, sort: .newestFirst, limit: 20, cursor: nil, wantsTotal: true,
      wantsHighlights: false, minimumSequence: nil, waitForQueue: .zero, deadline: .now + .seconds(60))
    return try await mailboxes.search(owner(of: document), request).total ?? 0
  }

  /// Ends all, as a server that stops.
  func settle() {
    mailboxes.close()
    originals.close()
    packs.close()
    readThreads.close()
    ingestThreads.close()
  }

  /// Without the journals, which are trimmed as rows and index become durable.
  var byteCount: Int {
    let journals = (try? FileManager.default.contentsOfDirectory(atPath: path + "/shards")) ?? []
    return journals.reduce(Meter.byteCount(ofFilesIn: path)) {
      $0 - Meter.byteCount(ofFilesIn: path + "/shards/" + $1 + "/journal")
    }
  }

  private func owner(of document: Document) throws -> UserID {
    if !hasUsers { return UserID(rawValue: 1) }
    guard let user = users[document.u] else { throw ValidationError("no mailbox of \(document.u)") }
    return user
  }
}

extension Document {
  /// The mail as it comes over SMTP (RFC 5322).
  fileprivate var original: [UInt8] {
    let format = Date.VerbatimFormatStyle(
      format: """
        \(weekday: .abbreviated), \(day: .defaultDigits) \(month: .abbreviated) \(year: .defaultDigits) \
        \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits) +0000
        """,
      locale: Locale(identifier: "en_US_POSIX"), timeZone: .gmt, calendar: Calendar(identifier: .gregorian))
    let head = [
      "From: <\(f)>", "To: \(record.to.compactMap(\.address).map { "<\($0)>" }.joined(separator: ", "))",
      "Subject: \(s)", "Date: \(Date(timeIntervalSince1970: d).formatted(format))", "Message-ID: <\(i)>",
      "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", "",
    ]
    return Array((head.joined(separator: "\r\n") + b.replacing("\n", with: "\r\n") + "\r\n").utf8)
  }
}
