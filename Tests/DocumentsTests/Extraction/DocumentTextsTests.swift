import Bytes
import Glibc
import MailFormat
import TestSupport
import Testing

@testable import Documents

/// Stands still until it is moved.
private final class MovingClock: MonotonicClock {
  private let time = Locked(Duration.zero)

  func elapsed() -> Duration { time.withLock { $0 } }

  func advance(by duration: Duration) { time.withLock { $0 += duration } }
}

@Suite(.timeLimit(.minutes(5))) struct DocumentTextsTests {
  /// In the place of the reader, programs that can be told what to do: they get the limit of bytes as `$0`.
  private func texts(
    _ script: String, path: String? = nil, _ change: (inout DocumentOptions) -> Void = { _ in }
  ) -> DocumentTexts {
    var options = DocumentOptions()
    options.programs.reader = ["/bin/sh", "-c", script]
    change(&options)
    return DocumentTexts(options: options, cachePath: path)
  }

  private let rich = Array("{\\rtf1 x}".utf8)

  private func document(_ number: Int) -> [UInt8] { Array("{\\rtf1 \(number)}".utf8) }

  @Test func `PDF is read by pdftotext, in Asian fonts too`() throws {
    let documents = DocumentTexts(options: DocumentOptions(), cachePath: nil)
    let letter = documents.text(of: try Fixture.bytes("letter.pdf"), within: .seconds(60))
    #expect(letter.text.contains("The harbour budget of 2024\nrises with the tide."))
    #expect(letter.outcome == .whole)
    #expect(documents.text(of: try Fixture.bytes("hangul.pdf"), within: .seconds(60)).text.contains("회의록"))
    #expect(documents.text(of: try Fixture.bytes("locked.pdf"), within: .seconds(60)) == ("", .unreadable))
    #expect(documents.text(of: Array("%PDF-1.7 nothing".utf8), within: .seconds(60)) == ("", .unreadable))
  }

  @Test func `a PDF without end is ended, remembered, and not tried again`() throws {
    var options = DocumentOptions()
    options.timeout = .milliseconds(500)
    let documents = DocumentTexts(options: options, cachePath: nil)
    let bytes = try Fixture.bytes("endless.pdf")
    // With less time than a document has it is not given up for those who come after.
    #expect(documents.text(of: bytes, within: .milliseconds(100)) == ("", .timeout))
    #expect(documents.text(of: bytes, within: .seconds(60)) == ("", .timeout))
    #expect(documents.text(of: bytes, within: .seconds(60)) == ("", .timeout))
    #expect(documents.statistics.outcomes == [.timeout: 2])
  }

  @Test(arguments: [
    ("echo text", DocumentOutcome.whole, "text\n"), ("echo half; exit 80", .cut, "half\n"),
    ("echo some; exit 81", .unreadable, "some\n"), ("echo some; ulimit -t 1; while :; do :; done", .crash, ""),
    ("echo some; exit 3", .unavailable, ""), ("echo some; exec sleep 1000", .timeout, ""),
    ("exec yes", .cut, String(repeating: "y\n", count: 512)),
  ])
  func `how a reader ends decides what is kept of its text`(script: String, outcome: DocumentOutcome, text: String) {
    let documents = texts(script) {
      $0.timeout = .seconds(outcome == .timeout ? 1 : 60)
      $0.textByteCount = 1_024
    }
    #expect(documents.text(of: rich, within: .seconds(60)) == (text, outcome))
    #expect(documents.statistics.outcomes == [outcome: 1])
  }

  @Test func `a reader that is not there costs a mail its text and no more`() {
    var options = DocumentOptions()
    options.programs.reader = ["/usr/bin/no-such-program"]
    let documents = DocumentTexts(options: options, cachePath: nil)
    let read = ClaimedDocumentTexts(documents, for: DocumentClaim()).read(rich, within: .seconds(60))
    #expect(read.text.isEmpty && read.extent == .missed(reason: "unavailable"))
    #expect(documents.statistics.outcomes == [.unavailable: 1])
  }

  @Test func `each distinct document is read once, by however many threads it is asked for`() async throws {
    let documents = texts("echo text") { $0.workers = 2 }
    let bytes = (0..<4).map { document($0) }
    await withTaskGroup(of: String.self) { group in
      for number in 0..<32 {
        group.addTask { documents.text(of: bytes[number % 4], within: .seconds(60)).text }
      }
      for await text in group { #expect(text == "text\n") }
    }
    #expect(documents.statistics.outcomes == [.whole: 4])
    #expect(documents.statistics.cached == 28)
  }

  @Test func `what was missed is tried again with more time, and in an hour with the same`() {
    let clock = MovingClock()
    var options = DocumentOptions()
    options.programs.reader = ["/bin/sh", "-c", "exec sleep 1000"]
    options.timeout = .milliseconds(50)
    let documents = DocumentTexts(options: options, cachePath: nil, clock: clock)
    let again = DocumentClaim(isRetry: true)
    #expect(documents.text(of: rich, within: .seconds(60)).outcome == .timeout)
    // More than a mail that arrives would give it.
    #expect(documents.text(of: rich, within: .milliseconds(200), for: again).outcome == .timeout)
    #expect(documents.text(of: rich, within: .milliseconds(200), for: again).outcome == .timeout)
    // The others of its mail took a little less than the time before.
    #expect(documents.text(of: rich, within: .milliseconds(201), for: again).outcome == .timeout)
    #expect(documents.text(of: rich, within: .seconds(60)).outcome == .timeout)
    #expect(documents.statistics.outcomes == [.timeout: 2])
    clock.advance(by: .seconds(3_600))
    #expect(documents.text(of: rich, within: .seconds(60)).outcome == .timeout)
    #expect(documents.statistics.outcomes == [.timeout: 3])
  }

  @Test(arguments: ["", "exec >&-; "])
  func `when all is stopped a reader is ended at once, and none begins`(beginning: String) async throws {
    try await withTemporaryDirectory { directory in
      let fifo = directory + "/fifo"
      try #require(mkfifo(fifo, 0o600) == 0)
      let documents = texts("\(beginning)read -r line < \(fifo)") {
        $0.timeout = .seconds(600)
        $0.workers = 1
      }
      let threads = BlockingThreads(name: "test", threads: 3)
      defer { threads.close() }
      let start = ContinuousClock.now
      let (first, second) = (document(1), document(2))
      async let running = threads.run { documents.text(of: first, within: .seconds(600)).outcome }
      // It goes on when the reader has opened its end.
      let end = try await threads.run { open(fifo, O_WRONLY) }
      defer { close(end) }
      async let waiting = threads.run { documents.text(of: second, within: .seconds(600)).outcome }
      documents.stop()
      #expect(try await running == .stopped)
      #expect(try await waiting == .stopped)
      #expect(documents.text(of: document(3), within: .seconds(600)).outcome == .stopped)
      #expect(ContinuousClock.now - start < .seconds(300))
    }
  }

  @Test func `texts outlive a restart, and another limit or reader asks anew`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/texts.sqlite"
      func read(_ limit: Int) -> DocumentStatistics {
        let documents = texts("echo text", path: path) { $0.textByteCount = limit }
        defer { documents.close() }
        #expect(documents.text(of: rich, within: .seconds(60)) == ("text\n", .whole))
        return documents.statistics
      }
      #expect(read(100).outcomes == [.whole: 1])
      #expect(read(100).cached == 1)
      #expect(read(200).outcomes == [.whole: 1])
      #expect(read(200).cached == 1)
    }
  }
}
