import Foundation
import MailFormat
import MailStore
import TestSupport
import Testing

@testable import Filter

@Suite(.timeLimit(.minutes(2))) struct BuiltInFilterTests {
  private func check(
    _ bytes: [UInt8], user: String? = nil, archives: (any ArchiveReading)? = nil,
    _ change: (inout BuiltInOptions) -> Void = { _ in }
  ) async throws -> FilterFinding {
    var options = BuiltInOptions()
    change(&options)
    let filter = BuiltInFilter(options, archives: archives ?? OpenArchives(limits: options.archives))
    do {
      let finding = try await filter.check(Mails.filtered(bytes, user: user))
      await filter.shutdown()
      return finding
    } catch {
      await filter.shutdown()
      throw error
    }
  }

  private func symbols(_ finding: FilterFinding) -> [String] { finding.symbols.map(\.name) }

  @Test func `a harmless mail is delivered without remark`() async throws {
    #expect(
      try await check(Mails.text("Hello")) == FilterFinding(reply: "this mail has content that is not accepted here"))
    #expect(symbols(try await check(Mails.attachment(Array("#hash".utf8), named: "notes.txt"))) == [])
  }

  @Test func `the test file is found in the text, in a file, in an archive and in a mail inside the mail`() async throws
  {
    let file = Array(EICAR.text.utf8)
    let nested = Mails.attachment(file, named: "a.txt")
    for mail in [
      Mails.text(EICAR.text), nested, Mails.attachment(ZipArchive.of("a.txt", file), named: "a.zip"),
      Mails.attachment(nested, named: "mail.eml", type: "message/rfc822"),
    ] {
      let finding = try await check(mail)
      #expect(finding.action == .quarantine && symbols(finding) == ["MAILDEX_EICAR"])
      #expect(finding.reason.contains("MAILDEX_EICAR"))
    }
  }

  @Test func `programs are found by content and by name, and become what the operator says`() async throws {
    let byContent = try await check(Mails.attachment(Mails.program, named: "letter.pdf", type: "application/pdf"))
    #expect(byContent.action == .quarantine && symbols(byContent) == ["MAILDEX_EXECUTABLE"])
    #expect(byContent.reason == "MAILDEX_EXECUTABLE (PE in letter.pdf)" && byContent.score == 10)
    let byName = Mails.attachment(Array("alert(1)".utf8), named: "letter.pdf.js")
    for action in [FilterAction.deliver, .spam, .quarantine, .reject] {
      let finding = try await check(byName) { $0.executables = action }
      #expect(finding.action == action)
      #expect(symbols(finding) == ["MAILDEX_EXECUTABLE_NAME", "MAILDEX_DOUBLE_EXTENSION"])
    }
  }

  @Test func `a script in the text of a mail runs nowhere`() async throws {
    #expect(symbols(try await check(Mails.text("#!/bin/sh\necho hello"))) == [])
  }

  @Test func `encrypted archives are delivered with a symbol, or are what the operator says`() async throws {
    let mail = Mails.attachment(ZipArchive.of("a.txt", [1, 2, 3], isEncrypted: true), named: "a.zip")
    let delivered = try await check(mail)
    #expect(
      delivered.action == .deliver && symbols(delivered) == ["MAILDEX_ENCRYPTED_ARCHIVE"] && delivered.reason.isEmpty)
    let kept = try await check(mail) { $0.encryptedArchives = .quarantine }
    #expect(kept.action == .quarantine && kept.reason == "MAILDEX_ENCRYPTED_ARCHIVE (a.txt)")
  }

  @Test func `forgeries are scored, and from the threshold on they are what the operator says`() async throws {
    let mild = Array("From: a@example.net\r\n\r\nHello".utf8)
    #expect(symbols(try await check(mild) { $0.forgeries = .spam }) == ["MAILDEX_NO_DATE", "MAILDEX_NO_MESSAGE_ID"])
    #expect(try await check(mild) { $0.forgeries = .spam }.action == .deliver)
    let bad = Array("From: \"x@bank.example\" <a@example.net>\r\nFrom: b@example.net\r\n\r\nHello".utf8)
    #expect(try await check(bad).action == .deliver)
    let finding = try await check(bad) { $0.forgeries = .spam }
    #expect(finding.action == .spam && finding.score >= 7)
    #expect(symbols(try await check(bad, user: "bob") { $0.forgeries = .spam }) == [], "users write what they like")
  }

  @Test func `where archives cannot be looked into on this machine, the mail waits`() async throws {
    let archives = ConfinedArchives(limits: ArchiveLimits(), program: ["/nowhere/maildex", "examine-archive"])
    let mail = Mails.attachment(ZipArchive.of("a.txt", [1]), named: "a.zip")
    let error = await #expect(throws: FilterError.self) { try await check(mail, archives: archives) }
    #expect(error?.code == .unreachable)
  }

  @Test(arguments: [
    ("exec sleep 1000", "slow"), ("kill -9 $$", "killed"), ("echo rubbish", "mad"), ("exit 3", "failed"),
  ])
  func `an archive that breaks its reader is told, and nothing else happens`(script: String, what: String) async throws
  {
    var options = ArchiveLimits()
    options.time = .milliseconds(500)
    let archives = ConfinedArchives(limits: options, program: ["/bin/sh", "-c", script])
    let mail = Mails.attachment(ZipArchive.of("a.txt", [1]), named: "a.zip")
    let finding = try await check(mail, archives: archives) { $0.archives = options }
    #expect(symbols(finding) == ["MAILDEX_UNREAD_ARCHIVE"], "\(what)")
  }

  @Test func `any bytes have a finding`() async throws {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = RandomBytes(seed: seed)
    let mail = Mails.attachment(ZipArchive.of("a.exe", Mails.program), named: "a.zip")
    for _ in 0..<200 {
      var bytes = mail
      for _ in 0..<20 { bytes[generator.next(below: bytes.count)] = UInt8(generator.next(below: 256)) }
      let finding = try await check(bytes)
      #expect(finding.score.isFinite, "seed \(seed)")
    }
    #expect(try await check([]).action == .deliver)
  }
}

private struct RandomBytes {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func next(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
}
