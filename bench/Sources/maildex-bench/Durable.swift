import ArgumentParser
import Bytes
import Foundation

/// Commits mails alone and durably, and finds each by a word of its own through a fresh snapshot before the next.
///
/// To journal and index; with `--door` to the mailboxes, their originals, rows and index. With `--clients` so many mails are under
/// way at once, each found by its own client. The mailbox is in memory, as that of a user who reads; with `--users` each is read by
/// the first look into it. (`cold` tells what reading takes.)
struct Durable: ParsableCommand {
  @Option(help: "Mails as JSON lines.") var docs: String
  @Option(help: "A directory of `bulk`; with --door the mailboxes are made in its new directory `door`.") var dir:
    String
  @Option(help: "How many mails are committed.") var limit: Int
  @Option(help: "How many mails are there already; with --door so many of the first are put there before.") var start =
    0
  @Option(help: "Every how many-th mail is committed.") var step = 1
  @Option(help: "Mails that are under way at once.") var clients = 1
  @Flag(help: "Each user's mail apart.") var users = false
  @Flag(help: "Through the door to the mailboxes, metadata included.") var door = false

  func validate() throws {
    guard limit > 0, start >= 0, step > 0, clients > 0 else {
      throw ValidationError("--limit, --step and --clients are at least 1, --start is at least 0")
    }
  }

  func run() throws { try waiting(for: { try await measure() }) }

  private func measure() async throws {
    let all = try Document.read(docs, limit: nil)
    let mails = all.enumerated().filter { $0.offset % step == 0 }.prefix(limit).enumerated().map { number, document in
      // Runs after one another on one directory look for words of their own.
      ProbedMail("\(clients > 1 ? "zqgroup" : "zqprobe")\(number)", rank: start + document.offset + 1, document.element)
    }
    if door {
      guard all.count >= start else { throw ValidationError("\(docs) has fewer than \(start) mails") }
      try await measure(mails, .make(dir, owners: all, filledWith: all.prefix(start), hasUsers: users) as MailboxDoor)
    } else {
      try await measure(mails, JournalledIndex(dir, hasUsers: users, warms: start > 0))
    }
  }

  private func measure<Sink: MailSink>(_ mails: [ProbedMail], _ sink: Sink) async throws {
    let samples = Locked(Samples())
    let prepared = try mails.map { try sink.prepare($0.document, rank: $0.rank) }
    let (meter, sizeBefore) = (Meter(), sink.byteCount)
    try await inFlight(clients, mails.count) { position in
      let mail = mails[position]
      let began = ContinuousClock.now
      try await sink.commit(prepared[position])
      let committed = ContinuousClock.now
      let found = try await sink.count(of: mail.probe, in: mail.document)
      let seen = ContinuousClock.now
      samples.withLock { samples in
        samples.commits.values.append((committed - began).seconds * 1e3)
        samples.sights.values.append((seen - committed).seconds * 1e3)
        if found != 1 { samples.notVisible += 1 }
      }
    }
    let elapsed = meter.seconds
    try await sink.settle()
    let measured = samples.withLock { $0 }
    // One after another, what lies between a mail found and the next is the bench's own.
    let seconds = clients > 1 ? elapsed : (measured.commits.sum + measured.sights.sum) / 1e3
    let count = Double(mails.count)
    let text = mails.reduce(0) { $0 + $1.textByteCount }
    try printJSON(
      [
        "mails": mails.count, "clients": clients, "door": door, "seconds": rounded(seconds),
        "mails_s": rounded(count / seconds), "commit_ms": measured.commits.summary, "see_ms": measured.sights.summary,
        "not_visible": measured.notVisible, "written_mail": rounded(Double(meter.writtenByteCount) / count),
        "text_mail": rounded(Double(text) / count),
        "bytes_mail": rounded(Double(sink.byteCount - sizeBefore) / count),
        "rss_mb": rounded(Meter.residentMegabytes),
      ] as [String: Any])
  }

  private struct Samples {
    var commits = Distribution()
    var sights = Distribution()
    var notVisible = 0
  }
}

/// A document with a word that no other has.
private struct ProbedMail: Sendable {
  let document: Document
  let rank: Int
  let probe: String
  /// Without the word.
  let textByteCount: Int

  init(_ probe: String, rank: Int, _ document: Document) {
    self.probe = probe
    textByteCount = document.textByteCount
    var document = document
    document.b += "\n" + probe
    self.document = document
    self.rank = rank
  }
}
