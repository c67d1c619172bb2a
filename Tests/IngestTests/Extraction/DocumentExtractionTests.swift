import Documents
import Ingest
import MailStore
import Mailboxes
import TestSupport
import Testing

/// Mail with a document comes in, whatever the document's reader does.
@Suite(.timeLimit(.minutes(10))) struct DocumentExtractionTests {
  /// A shell in the place of the reader.
  private func documents(_ script: String, path: String? = nil) -> DocumentTexts {
    var options = DocumentOptions()
    options.programs.reader = ["/bin/sh", "-c", script]
    options.timeout = .seconds(1)
    return DocumentTexts(options: options, cachePath: path)
  }

  private func mail(_ number: Int = 0) -> [UInt8] {
    Array(
      """
      Subject: Tides \(number)\r
      Content-Type: multipart/mixed; boundary=b\r
      \r
      --b\r
      \r
      The word is periwinkle.\r
      --b\r
      Content-Type: application/rtf; name=letter.rtf\r
      \r
      {\\rtf1 \(number)}\r
      --b--\r

      """.utf8)
  }

  @Test(arguments: [
    "exec sleep 1000", "ulimit -t 1; while :; do :; done", "exit 3", "exit 81",
    // Takes all the memory there is.
    "x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done",
  ])
  func `a reader that hangs, fails or eats memory holds up no mail and loses none`(script: String) async throws {
    try await withTemporaryDirectory { directory in
      var options = TestEngine.Options()
      options.documents = documents(script)
      try await TestEngine.open(directory + "/data", options) { engine in
        for number in 0..<3 { try await engine.accept(mail(number), for: TestEngine.alice) }
        try await engine.accept(Array("Subject: plain\r\n\r\nperiwinkle\r\n".utf8), for: TestEngine.alice)
        try await engine.drain()
        let found = try await engine.found("periwinkle")
        #expect(found.count == 4)
        for message in found where message.row.summary.subject != "plain" {
          #expect(message.row.summary.defects == ["unread-attachment"])
          #expect(try await engine.mailboxes.original(of: message.row).suffix(9).elementsEqual(mail().suffix(9)))
        }
        #expect(try await engine.found("filename:letter.rtf").count == 3)
        #expect(engine.queue.depth() == 0)
      }
    }
  }

  @Test func `what a reader says is found, and a rebuild from the originals asks the cache`() async throws {
    try await withTemporaryDirectory { directory in
      let documents = documents("echo cormorant", path: directory + "/texts.sqlite")
      var options = TestEngine.Options()
      options.documents = documents
      try await TestEngine.open(directory + "/data", options) { engine in
        for number in [1, 1, 2] { try await engine.accept(mail(number), for: TestEngine.alice, TestEngine.bob) }
        try await engine.drain()
        #expect(try await engine.found("attachment:cormorant").count == 3)
        #expect(documents.statistics.outcomes == [.whole: 2])
        _ = try await Reindexer(
          mailboxes: engine.mailboxes, extractor: engine.extractor, threads: engine.threads, isBusy: { false }
        ).run(user: nil, jobs: 1, isFromSource: true, report: { _ in })
        #expect(try await engine.found("attachment:cormorant", user: TestEngine.bob).count == 3)
        #expect(documents.statistics.outcomes == [.whole: 2])
      }
    }
  }
}
