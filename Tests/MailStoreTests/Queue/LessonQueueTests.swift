import Bytes
import MailStore
import TestSupport
import Testing

@Suite struct LessonQueueTests {
  private let original = BlobReference(pack: 1, offset: 64, byteCount: 9)

  @Test func `lessons come in the order in which they are due, over restarts`() throws {
    try withTemporaryDirectory { directory in
      do {
        let accounts = try AccountStore(path: directory + "/control.sqlite")
        defer { accounts.close() }
        let lessons = try LessonQueue(sharing: accounts)
        #expect(try lessons.add(original, as: .spam, at: Timestamp(rawValue: 20)))
        #expect(try lessons.add(original, as: .ham, at: Timestamp(rawValue: 10)))
      }
      let accounts = try AccountStore(path: directory + "/control.sqlite")
      defer { accounts.close() }
      let lessons = try LessonQueue(sharing: accounts)
      #expect(lessons.depth == 2)
      let first = try #require(try lessons.next())
      #expect(first.mailClass == .ham && first.tries == 0 && first.original == original)
      try lessons.postpone(first, to: Timestamp(rawValue: 30))
      let second = try #require(try lessons.next())
      #expect(second.mailClass == .spam)
      try lessons.remove(second)
      #expect(try lessons.next()?.tries == 1 && lessons.depth == 1)
      try lessons.remove(first)
      try lessons.remove(first)
      #expect(try lessons.next() == nil && lessons.depth == 0)
    }
  }
}
