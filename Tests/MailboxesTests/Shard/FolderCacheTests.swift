import Bytes
import MailStore
import Query
import Testing

@testable import Mailboxes

struct FolderCacheTests {
  private let user = UserID(rawValue: 1)

  private func folders(_ name: String) -> MailboxFolders {
    MailboxFolders([FolderRow(id: FolderID(rawValue: 1), publicID: 7, name: name, role: nil)])
  }

  private func name(_ cache: FolderCache, read: () -> MailboxFolders) -> String? {
    cache.folders(of: user, read: read).forSearch.first?.name
  }

  @Test func `folders are read once until they change`() {
    let cache = FolderCache()
    #expect(name(cache) { folders("old") } == "old")
    #expect(name(cache) { folders("new") } == "old")
    cache.forget(user)
    #expect(name(cache) { folders("new") } == "new")
  }

  @Test func `what was read beside a change is answered and not kept`() {
    let cache = FolderCache()
    let first = name(cache) {
      cache.forget(user)
      return folders("old")
    }
    #expect(first == "old")
    #expect(name(cache) { folders("new") } == "new")
  }

  @Test func `so many folders are kept and no more, however few users have them`() {
    let cache = FolderCache()
    let many = MailboxFolders(
      (1...5_000 as ClosedRange<UInt32>).map {
        FolderRow(id: FolderID(rawValue: $0), publicID: UInt64($0), name: "f", role: nil)
      })
    var reads = 0
    func ask(_ user: UInt32) {
      _ = cache.folders(of: UserID(rawValue: user)) {
        reads += 1
        return many
      }
    }
    for user in 1...3 as ClosedRange<UInt32> { for _ in 0..<2 { ask(user) } }
    #expect(reads == 3)
    // The fourth would be over the limit: it is kept, and the others go.
    for user in [4, 4, 1, 1] as [UInt32] { ask(user) }
    #expect(reads == 5)
  }
}
