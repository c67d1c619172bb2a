import Bytes
import MailStore
import TestSupport
import Testing

/// What references form does not depend on the order of arrival.
@Suite struct ThreadOrderTests {
  private struct Mail {
    let id: Int
    let references: [Int]
  }

  /// Some mails, some of which are never sent, refer to earlier ones, sometimes to several or to far ones.
  private static func graph(_ random: inout SeededGenerator) -> [Mail] {
    (0..<Int.random(in: 2...14, using: &random)).map { id in
      let count = id == 0 ? 0 : [0, 1, 1, 1, 2, 3].randomElement(using: &random) ?? 0
      return Mail(id: id, references: (0..<count).map { _ in Int.random(in: 0..<id, using: &random) })
    }
  }

  /// The slow and obvious model: connected components of the ids that mails share.
  private static func components(_ mails: [Mail]) -> Set<Set<Int>> {
    var groups: [(ids: Set<Int>, mails: Set<Int>)] = []
    for mail in mails {
      var ids = Set(mail.references + [mail.id])
      var members: Set<Int> = [mail.id]
      for group in groups where !group.ids.isDisjoint(with: ids) {
        ids.formUnion(group.ids)
        members.formUnion(group.mails)
      }
      groups.removeAll { !$0.ids.isDisjoint(with: ids) }
      groups.append((ids, members))
    }
    return Set(groups.map(\.mails))
  }

  @Test(arguments: 0..<40) func `every permutation of a reply graph gives the same threads`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let mails = Self.graph(&random).filter { _ in Int.random(in: 0..<5, using: &random) > 0 }
    let expected = Self.components(mails)
    for _ in 0..<4 {
      let order = mails.shuffled(using: &random)
      try withTemporaryDirectory { directory in
        let fixture = try ViewFixture(directory)
        try fixture.apply([.folderCreated(Sample.folder(1))])
        for mail in order {
          // Subjects differ, so that only references speak.
          try fixture.deliver(
            ThreadingInput(
              messageID: "\(mail.id)@x", references: mail.references.map { "\($0)@x" }, inReplyTo: [],
              subject: "Re: \(mail.id)", receivedAt: Timestamp(rawValue: 0), participants: [], ownAddresses: []))
        }
        let attributes = try fixture.view.allAttributes(UserID(rawValue: 1))
        var found: [ThreadID: Set<Int>] = [:]
        for (mail, row) in zip(order, attributes) { found[row.thread, default: []].insert(mail.id) }
        #expect(Set(found.values) == expected, "seed \(seed), order \(order.map(\.id))")
        for (thread, members) in found {
          let first = order.firstIndex { members.contains($0.id) }
          #expect(first.map { UInt32($0 + 1) } == thread.rawValue, "seed \(seed): the oldest id stays")
        }
      }
    }
  }
}
