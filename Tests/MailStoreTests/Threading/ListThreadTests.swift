import Bytes
import MailStore
import TestSupport
import Testing

/// Threads of real mailing lists. Skipped where the corpora are not there: they are not part of the project.
@Suite(.enabled(if: ListCorpus.isPresent, "needs lists.tar.zst in MAILDEX_CORPORA"))
struct ListThreadTests {
  /// The number of a mail in the corpus, and the thread it ended in.
  private func threads(_ mails: [ListCorpus.Mail], order: [Int], bySubject: Bool) throws -> [Int: ThreadID] {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      try fixture.apply([.folderCreated(Sample.folder(1))])
      for number in order {
        let mail = mails[number]
        try fixture.deliver(
          ThreadingInput(
            messageID: mail.messageID, references: mail.references, inReplyTo: mail.inReplyTo,
            subject: bySubject ? mail.subject : "", receivedAt: Timestamp(rawValue: Int64(number) * 3_600_000),
            participants: [mail.from], ownAddresses: []))
      }
      let attributes = try fixture.view.allAttributes(UserID(rawValue: 1))
      return Dictionary(uniqueKeysWithValues: zip(order, attributes.map(\.thread)))
    }
  }

  private static func groups(_ threads: [Int: ThreadID]) -> Set<Set<Int>> {
    Set(Dictionary(grouping: threads.keys) { threads[$0] }.values.map(Set.init))
  }

  @Test func `the threads of a list do not depend on the order in which its mail arrives`() throws {
    let mails = try ListCorpus.mails(1_200)
    #expect(mails.count == 1_200)
    let inOrder = try threads(mails, order: Array(mails.indices), bySubject: false)
    let groups = Self.groups(inOrder)
    // A list is neither one conversation nor many monologues.
    #expect(groups.count > 100 && groups.count < 1_000)
    #expect(try Self.groups(threads(mails, order: mails.indices.reversed(), bySubject: false)) == groups)
    var random = SeededGenerator(seed: 11)
    #expect(try Self.groups(threads(mails, order: mails.indices.shuffled(using: &random), bySubject: false)) == groups)
  }

  @Test func `an answer is in the thread of every mail that it refers to`() throws {
    let mails = try ListCorpus.mails(1_200)
    let found = try threads(mails, order: Array(mails.indices), bySubject: true)
    var byID: [String: ThreadID] = [:]
    for (number, mail) in mails.enumerated() {
      let id = mail.messageID?.trimmingPrefix("<").split(separator: ">").first.map(String.init)
      if let id { byID[id] = found[number] }
    }
    var links = 0
    for (number, mail) in mails.enumerated() {
      for reference in mail.references + mail.inReplyTo {
        guard let parent = byID[reference] else { continue }
        links += 1
        #expect(found[number] == parent, "mail \(number) refers to <\(reference)>")
      }
    }
    #expect(links > 500)
    let byReferences = try threads(mails, order: Array(mails.indices), bySubject: false)
    #expect(Self.groups(found).count <= Self.groups(byReferences).count)
  }
}
