import Bytes
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// What becomes of a shard whose index lost its manifest, a run, or everything.
@Suite(.timeLimit(.minutes(30))) struct IndexLossTests {
  enum Loss: CaseIterable {
    case manifestGone, manifestDamaged, manifestAndRun, everything
  }

  private static let mails = 1...12

  /// Mails in two runs and in the journal; the files of small journals are trimmed, those of large ones are not.
  private func fill(_ door: Door) async throws {
    for number in Self.mails {
      try await door.store(Letter(subject: "mail \(number)", body: "word\(number)"))
      if number.isMultiple(of: 4) && number < 12 { door.shard.maintain() }
    }
  }

  /// Runs `body` with what the next process finds when something of the index went away behind the last one's back.
  private func afterLosing(
    _ loss: Loss, isTrimmed: Bool, _ body: (Door) async throws -> Void
  ) async throws {
    try await Door.open(Door.Options(journalFileByteCount: isTrimmed ? 1 << 10 : 1 << 20)) { door in
      try await fill(door)
      #expect(try door.journalFiles().contains("0000000001.journal") != isTrimmed)
      // Killed, so that the last mails are in the journal alone.
      door.files.crash()
      door.close()
      let files = door.files.reopened(.kept)
      try lose(loss, of: door.path + "/shards/00/index", files)
      let next = try Door(door.path, files, door.archive, door.options)
      defer { next.close() }
      try await body(next)
    }
  }

  private func lose(_ loss: Loss, of directory: String, _ files: CrashableFileSystem) throws {
    let runs = try files.list(directory).filter { $0.hasSuffix(".run") }
    #expect(runs.count == 2)
    switch loss {
    case .manifestGone: try files.remove(directory + "/manifest")
    case .manifestDamaged: try files.open(directory + "/manifest", .readWrite).write([0xFF], at: 12)
    case .manifestAndRun:
      try files.remove(directory + "/manifest")
      try files.remove(directory + "/" + runs[0])
    case .everything: for name in try files.list(directory) { try files.remove(directory + "/" + name) }
    }
  }

  private func problems(_ door: Door) throws -> [String] { try door.mailboxes.verify { _ in }.problems }

  private func reindex(_ door: Door) throws {
    try door.mailboxes.reindex(
      shard: 0, user: nil, isFromSource: false, extract: Letter.remade, report: { _ in }, throttle: {})
  }

  private func checkAll(_ door: Door) async throws {
    for number in Self.mails { #expect(try await door.found("word\(number)") == ["mail \(number)"]) }
    try await door.audit([Door.alice])
  }

  @Test(arguments: Loss.allCases)
  func `while the journal holds everything, everything is found again`(loss: Loss) async throws {
    try await afterLosing(loss, isTrimmed: false) { door in
      for number in Self.mails { #expect(try await door.found("word\(number)") == ["mail \(number)"]) }
      // An empty directory at the beginning of the journal is a new index, and replay makes it a whole one.
      let problems = try problems(door)
      #expect(problems.count == (loss == .everything ? 0 : 1))
      #expect(problems.allSatisfy { $0.contains("/manifest") && $0.contains("maildex verify --repair") }, "\(problems)")
      try reindex(door)
      try await checkAll(door)
      try await door.reopened { try await checkAll($0) }
    }
  }

  @Test(arguments: Loss.allCases)
  func `behind a trimmed journal the runs that are left are found, and a rebuild heals the rest`(
    loss: Loss
  ) async throws {
    try await afterLosing(loss, isTrimmed: true) { door in
      #expect(try await door.search("in:anywhere").total == 12)
      let lost = try await lostWords(door)
      switch loss {
      case .manifestGone, .manifestDamaged: #expect(lost == [])
      case .manifestAndRun: #expect(lost == [1, 2, 3, 4])
      // The newest file of the journal stays, and what is in it.
      case .everything: #expect(lost.starts(with: 1...4) && lost == Array(1...lost.count))
      }
      let problems = try problems(door)
      #expect(problems.contains { $0.contains("/manifest") && $0.contains("maildex verify --repair") }, "\(problems)")
      #expect(problems.count { $0.contains("no text in the index") } == lost.count)
      // An answer that leaves mails out would pass for the whole.
      if !lost.isEmpty {
        let error = await #expect(throws: IndexError.self) { try await door.found("word1") }
        #expect(error?.code == .missingRecord)
      }
      try await door.store(Letter(subject: "after", body: "limpet"))
      try reindex(door)
      #expect(try await door.found("limpet") == ["after"])
      try await checkAll(door)
      try await door.reopened { try await checkAll($0) }
    }
  }

  /// The numbers of the mails that the index has no text of.
  private func lostWords(_ door: Door) async throws -> [Int] {
    let known = try door.shard.index.documentsWithRecord(Door.alice)
    return Self.mails.filter { !known.contains(DocID(rawValue: UInt32($0))) }
  }

  @Test func `a lost index that was killed before its rebuild is lost still, and rebuilt the next time`() async throws {
    try await afterLosing(.everything, isTrimmed: true) { door in
      door.shard.maintain()
      try await door.crashed(.dropped) { door in
        #expect(try await !lostWords(door).isEmpty)
        try reindex(door)
        try await checkAll(door)
      }
    }
  }
}
