import Bytes
import Documents
import Foundation
import Glibc
import Ingest
import Logging
import MailStore
import Mailboxes
import ServiceLifecycle
import TestSupport
import Testing

/// Documents whose readers had no time when the mail came are read later, and found from then on.
@Suite(.timeLimit(.minutes(20))) struct DocumentRetriesTests {
  /// A directory with a mailbox, and a shell in the place of the reader: it is missing as long as there is no file of that name.
  private struct Place {
    let root: String
    let clock = ManualClock()

    func install(_ reader: String = "reader") throws {
      try Data().write(to: URL(fileURLWithPath: root + "/" + reader))
    }

    func remove(_ reader: String = "reader") throws { try FileManager.default.removeItem(atPath: root + "/" + reader) }

    /// Reads the word in the document; `second` needs a reader of its own.
    func documents(_ script: String? = nil) -> DocumentTexts {
      var options = DocumentOptions()
      let reader = """
        read -r text
        case $text in *second*) reader=second ;; *) reader=reader ;; esac
        if [ -e \(root)/$reader ]; then echo "$text"; else exit 3; fi
        """
      options.programs.reader = ["/bin/sh", "-c", script ?? reader]
      options.timeout = .seconds(60)
      return DocumentTexts(options: options, cachePath: nil)
    }

    func open(
      _ documents: DocumentTexts, in directory: String = "/data", _ body: (TestEngine) async throws -> Void
    ) async throws {
      var options = TestEngine.Options()
      options.documents = documents
      options.timeOfDay = clock
      try await TestEngine.open(root + directory, options, body)
    }
  }

  private func withPlace(_ body: (Place) async throws -> Void) async throws {
    try await withTemporaryDirectory { try await body(Place(root: $0)) }
  }

  private func mail(_ words: String...) -> [UInt8] {
    var text = "Subject: Tides\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    text += "--b\r\n\r\nThe word is periwinkle.\r\n"
    for word in words {
      text += "--b\r\nContent-Type: application/rtf; name=letter.rtf\r\n\r\n{\\rtf1 \(word)}\r\n"
    }
    return Array((text + "--b--\r\n").utf8)
  }

  private func retries(_ engine: TestEngine, _ documents: DocumentTexts) -> DocumentRetries {
    DocumentRetries(
      mailboxes: engine.mailboxes, originals: engine.originals, extractor: engine.extractor, documents: documents,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, pause: { await Task.yield() })
  }

  /// Tries all that is due.
  /// - Returns: the number of tries.
  @discardableResult
  private func tryDue(_ engine: TestEngine, _ documents: DocumentTexts) async throws -> Int {
    var turns = DocumentTurns()
    var count = 0
    while try await retries(engine, documents).tryNext(&turns, on: engine.threads) { count += 1 }
    return count
  }

  /// How often clients were told that the message is another.
  private func updates(_ engine: TestEngine) async throws -> Int {
    let changes = try await engine.mailboxes.changes(TestEngine.alice, since: .zero, limit: 1_000, timeout: .zero)
    return changes.count { $0.row.kind == .messageUpdated }
  }

  private func rebuild(_ engine: TestEngine) async throws {
    _ = try await Reindexer(
      mailboxes: engine.mailboxes, extractor: engine.extractor, threads: engine.threads, isBusy: { false }
    ).run(user: nil, jobs: 1, isFromSource: true, report: { _ in })
  }

  private func missed(_ engine: TestEngine) async throws -> [DocumentRetry] {
    try await engine.mailboxes.missedDocuments(of: TestEngine.alice, limit: 100).map(\.retry)
  }

  @Test func `a missed document is found once its reader is there, and the message stays as it is`() async throws {
    try await withPlace { place in
      let documents = place.documents()
      try await place.open(documents) { engine in
        let users = [TestEngine.alice, TestEngine.bob]
        try await engine.accept(mail("cormorant"), for: users)
        try await engine.accept(Array("Subject: later\r\n\r\nlimpet\r\n".utf8), for: users)
        try await engine.drain()
        let before = try #require(try await engine.found("periwinkle").first)
        #expect(before.row.summary.defects == ["unread-attachment"])
        #expect(try await tryDue(engine, documents) == 0)
        place.clock.advance(by: .seconds(60))
        #expect(try await tryDue(engine, documents) == 2)
        #expect(try await engine.found("cormorant").isEmpty)
        try place.install()
        place.clock.advance(by: .seconds(300))
        #expect(try await tryDue(engine, documents) == 2)
        for user in users { #expect(try await engine.found("attachment:cormorant", user: user).count == 1) }
        let after = try #require(try await engine.found("periwinkle cormorant").first)
        #expect(after.row.id == before.row.id && after.thread == before.thread && after.row.flags == before.row.flags)
        #expect(after.row.summary.defects == [] && after.row.receivedAt == before.row.receivedAt)
        #expect(try await missed(engine) == [])
        place.clock.advance(by: .seconds(86_400))
        #expect(try await tryDue(engine, documents) == 0)
        #expect(documents.statistics.outcomes[.whole] == 1, "the second recipient's is known")
      }
    }
  }

  @Test func `documents of one mail are read as their readers come, and none is lost again`() async throws {
    try await withPlace { place in
      let first = place.documents()
      try await place.open(first) { engine in
        try await engine.accept(mail("first", "second", "third"), for: TestEngine.alice)
        try await engine.drain()
        try place.install("reader")
        place.clock.advance(by: .seconds(60))
        #expect(try await tryDue(engine, first) == 1)
        #expect(try await engine.found("attachment:third").count == 1)
        #expect(try await missed(engine).map(\.reason) == ["unavailable"])
      }
      // Another process, which has no texts of its own and can read the other document only.
      try place.remove("reader")
      try place.install("second")
      let second = place.documents()
      try await place.open(second) { engine async throws in
        place.clock.advance(by: .seconds(300))
        #expect(try await tryDue(engine, second) == 1)
        #expect(try await engine.found("first second third").count == 1)
        #expect(try await missed(engine).map(\.reason) == ["unavailable"], "what is kept is not known for certain")
        try place.install("reader")
        place.clock.advance(by: .seconds(1_800))
        #expect(try await tryDue(engine, second) == 1)
        #expect(try await engine.found("first second third").count == 1)
        #expect(try await engine.found("in:anywhere").first?.row.summary.defects == [])
        #expect(try await missed(engine) == [])
      }
      // The journal's last entry of it has no text.
      try await place.open(second) { engine async throws in
        #expect(try await engine.found("first second third").first?.row.summary.defects == [])
      }
    }
  }

  @Test func `a document that never ends well is tried so often, and its reason stays`() async throws {
    try await withPlace { place in
      let documents = place.documents()
      try await place.open(documents) { engine in
        try await engine.accept(mail("cormorant"), for: TestEngine.alice)
        try await engine.drain()
        var tries = 0
        for _ in 0..<100 {
          place.clock.advance(by: .seconds(86_400))
          tries += try await tryDue(engine, documents)
        }
        #expect(tries == DocumentRetry.maxTries)
        #expect(try await missed(engine) == [DocumentRetry(tries: tries, dueAt: nil, reason: "unavailable")])
        #expect(try await engine.found("periwinkle").first?.row.summary.defects == ["unread-attachment"])
        #expect(try await updates(engine) == 0, "no client hears of tries")
      }
    }
  }

  @Test func `mail of a build that read no documents says what it lacks at its rebuild, not at each try`() async throws
  {
    try await withPlace { place in
      try await TestEngine.open(place.root + "/data") { engine in
        try await engine.accept(mail("cormorant"), for: TestEngine.alice)
        try await engine.drain()
        #expect(try await engine.found("periwinkle").first?.row.summary.defects == [])
      }
      let documents = place.documents()
      try await place.open(documents) { engine in
        try await rebuild(engine)
        #expect(try await engine.found("periwinkle").first?.row.summary.defects == ["unread-attachment"])
        #expect(try await updates(engine) == 1)
        while try await missed(engine).first?.dueAt != nil {
          place.clock.advance(by: .seconds(86_400))
          #expect(try await tryDue(engine, documents) == 1)
        }
        #expect(try await updates(engine) == 1)
        try place.install()
        try await rebuild(engine)
        #expect(try await tryDue(engine, documents) == 1)
        #expect(try await engine.found("cormorant").first?.row.summary.defects == [])
        #expect(try await updates(engine) == 2)
      }
    }
  }

  @Test func `a document that turns out to be damaged is tried no more, and stays unread`() async throws {
    try await withPlace { place in
      let documents = place.documents("[ -e \(place.root)/reader ] && exit 81; exit 3")
      try await place.open(documents) { engine in
        try await engine.accept(mail("cormorant"), for: TestEngine.alice)
        try await engine.drain()
        try place.install()
        place.clock.advance(by: .seconds(60))
        #expect(try await tryDue(engine, documents) == 1)
        #expect(try await missed(engine) == [])
        #expect(try await engine.found("periwinkle").first?.row.summary.defects == ["unread-attachment"])
      }
    }
  }

  /// How far a try came before its process was killed.
  enum Progress: CaseIterable {
    case missed, begun, read
  }

  @Test(arguments: Progress.allCases)
  func `killed at any step of a try, a document is read once in the end`(progress: Progress) async throws {
    try await withPlace { place in
      let documents = place.documents()
      try await place.open(documents) { engine in
        try await engine.accept(mail("cormorant"), for: TestEngine.alice)
        try await engine.drain()
        try place.install()
        place.clock.advance(by: .seconds(60))
        if progress == .begun {
          var turns = DocumentTurns()
          #expect(try await engine.mailboxes.beginDueTry(&turns) != nil)
        }
        if progress == .read { #expect(try await tryDue(engine, documents) == 1) }
        try engine.copyAsAfterKill(to: place.root + "/killed")
      }
      for round in 0..<2 {
        let documents = place.documents()
        try await place.open(documents, in: "/killed") { engine in
          try await engine.drain()
          place.clock.advance(by: .seconds(3_600))
          let tries = try await tryDue(engine, documents)
          #expect(tries == (round == 0 && progress != .read ? 1 : 0))
          #expect(try await engine.found("cormorant").count == 1)
          #expect(try await missed(engine) == [])
          #expect(try await updates(engine) == 1)
        }
      }
    }
  }

  @Test(arguments: [true, false])
  func `a service that stops ends the reader at once, and the try does not count`(isGraceful: Bool) async throws {
    try await withPlace { place in
      let fifo = place.root + "/fifo"
      try #require(mkfifo(fifo, 0o600) == 0)
      let documents = place.documents(
        """
        read -r text
        [ -e \(place.root)/reader ] || exit 3
        case $text in *second*) exec cat \(fifo) ;; *) echo "$text" ;; esac
        """)
      try await place.open(documents) { engine in
        try await engine.accept(mail("first", "second"), for: TestEngine.alice)
        try await engine.drain()
        for _ in 1..<DocumentRetry.maxTries {
          place.clock.advance(by: .seconds(86_400))
          #expect(try await tryDue(engine, documents) == 1)
        }
        let before = try await missed(engine)
        try place.install()
        place.clock.advance(by: .seconds(86_400))
        let start = ContinuousClock.now
        let group = ServiceGroup(
          services: [retries(engine, documents)], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await group.run() }
        // It goes on when the reader has opened its end.
        let end = try await engine.threads.run { open(fifo, O_WRONLY) }
        defer { close(end) }
        if isGraceful { await group.triggerGracefulShutdown() } else { running.cancel() }
        _ = await running.result
        #expect(ContinuousClock.now - start < .seconds(40), "a document has a minute")
        #expect(try await missed(engine) == before)
        #expect(try await engine.found("first").count == 1, "what was read is the message's")
      }
      // The next process finds it.
      let next = place.documents("read -r text; echo $text")
      try await place.open(next) { engine async throws in
        #expect(try await tryDue(engine, next) == 1)
        #expect(try await engine.found("first second").count == 1)
        #expect(try await missed(engine) == [])
      }
    }
  }

  @Test func `no mail is begun once the readers are stopped`() async throws {
    try await withPlace { place in
      let documents = place.documents()
      documents.stop()
      try await place.open(documents) { engine in
        try await engine.accept(mail("cormorant"), for: TestEngine.alice)
        let work = Task { try await engine.workers(documents: documents).run() }
        #expect(await engine.queue.waitUntilProcessed(user: TestEngine.alice, timeout: .seconds(1)) == 1)
        work.cancel()
        try await work.value
      }
    }
  }

  @Test func `mail that comes while the service stops is stored, and its documents are read later`() async throws {
    try await withPlace { place in
      try place.install()
      let documents = place.documents()
      documents.stop()
      try await place.open(documents) { engine in
        try await engine.accept(mail("cormorant"), for: TestEngine.alice)
        try await engine.drain()
        #expect(try await engine.found("periwinkle").count == 1)
        #expect(try await missed(engine).map(\.reason) == ["stopped"])
      }
      let next = place.documents()
      try await place.open(next) { engine async throws in
        place.clock.advance(by: .seconds(60))
        #expect(try await tryDue(engine, next) == 1)
        #expect(try await engine.found("cormorant").count == 1)
      }
    }
  }

  @Test func `imported mail's documents are tried again too`() async throws {
    try await withPlace { place in
      let documents = place.documents()
      try Data(mail("cormorant")).write(to: URL(fileURLWithPath: place.root + "/one.eml"))
      try await place.open(documents) { engine in
        let path = place.root + "/one.eml"
        _ = try await engine.importer().run(user: TestEngine.alice, paths: [path], folder: nil) { _ in }
        try place.install()
        place.clock.advance(by: .seconds(60))
        #expect(try await tryDue(engine, documents) == 1)
        #expect(try await engine.found("cormorant").count == 1)
      }
    }
  }

  @Test func `a rebuild from the originals keeps the text of a document that cannot be read any more`() async throws {
    try await withPlace { place in
      try place.install()
      let before = place.documents()
      try await place.open(before) { engine in
        try await engine.accept(mail("first", "cormorant"), for: TestEngine.alice)
        try await engine.drain()
      }
      try place.remove()
      let after = place.documents()
      try await place.open(after) { engine in
        try await engine.accept(mail("gannet"), for: TestEngine.alice)
        try await engine.drain()
        for _ in 0..<2 {
          try await rebuild(engine)
          #expect(try await engine.found("attachment:cormorant attachment:first periwinkle").count == 1)
          #expect(try await missed(engine).count == 1, "that of which nothing was ever read")
        }
        #expect(after.statistics.outcomes[.whole] == nil)
      }
    }
  }
}
