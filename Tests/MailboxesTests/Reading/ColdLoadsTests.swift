import Bytes
import Testing

@testable import Mailboxes

@Suite struct ColdLoadsTests {
  private struct Tally {
    var atWork = 0
    var mostAtWork = 0
    var done = 0
  }

  @Test func `of one user one loads at a time, and no other user waits for that`() async throws {
    let loads = ColdLoads()
    let tally = Locked(Tally())
    let began = AsyncStream<Void>.makeStream()
    let release = AsyncStream<Void>.makeStream()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<40 {
        group.addTask {
          await loads.withTurn(UserID(rawValue: 1)) {
            let isFirst = tally.withLock { tally in
              tally.atWork += 1
              tally.mostAtWork = max(tally.mostAtWork, tally.atWork)
              return tally.done == 0
            }
            if isFirst {
              began.continuation.yield()
              for await _ in release.stream { break }
            }
            tally.withLock { tally in
              tally.done += 1
              tally.atWork -= 1
            }
          }
        }
      }
      for await _ in began.stream { break }
      // While the first is at work.
      let doneBefore = await loads.withTurn(UserID(rawValue: 2)) { tally.withLock { $0.done } }
      #expect(doneBefore == 0)
      release.continuation.yield()
    }
    let (most, done) = tally.withLock { ($0.mostAtWork, $0.done) }
    #expect(most == 1)
    #expect(done == 40)
    // And the turn is free again.
    #expect(await loads.withTurn(UserID(rawValue: 1)) { 7 } == 7)
  }

  @Test func `a load that fails passes the turn on`() async throws {
    struct Failure: Error {}
    let loads = ColdLoads()
    for _ in 0..<3 {
      await #expect(throws: Failure.self) { try await loads.withTurn(UserID(rawValue: 1)) { throw Failure() } }
    }
  }
}
