import Bytes
import TestSupport
import Testing

@testable import Mailboxes

@Suite(.timeLimit(.minutes(30))) struct SequenceBoardTests {
  let board = SequenceBoard()
  let user = UserID(rawValue: 1)
  let other = UserID(rawValue: 2)

  private func sequence(_ number: UInt64) -> SequenceNumber { SequenceNumber(rawValue: number) }

  @Test func `what was published already is not waited for`() async {
    board.publish([user: sequence(4)])
    await board.wait(for: user, above: sequence(3), timeout: .seconds(3_600))
    #expect(board.latest(user) == sequence(4))
    #expect(board.waiterCount(of: user) == 0)
  }

  @Test func `a publication wakes those whose number it passes`() async {
    await withTaskGroup(of: UInt64.self) { group in
      for number in 1...3 as ClosedRange<UInt64> {
        group.addTask { [board, user] in
          await board.wait(for: user, above: SequenceNumber(rawValue: number), timeout: .seconds(3_600))
          return number
        }
      }
      await waitUntil { board.waiterCount(of: user) == 3 }
      board.publish([user: sequence(1)])
      #expect(board.waiterCount(of: user) == 3)
      board.publish([user: sequence(2)])
      #expect(await group.next() == 1)
      #expect(board.waiterCount(of: user) == 2)
      board.publish([user: sequence(9)])
      #expect(await Set([group.next(), group.next()]) == [2, 3])
    }
    #expect(board.waiterCount(of: user) == 0)
  }

  @Test func `a publication for another user wakes nobody`() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [board, user] in await board.wait(for: user, above: .zero, timeout: .seconds(3_600)) }
      await waitUntil { board.waiterCount(of: user) == 1 }
      board.publish([other: sequence(7)])
      #expect(board.waiterCount(of: user) == 1)
      #expect(board.latest(user) == .zero && board.latest(other) == sequence(7))
      board.publish([user: sequence(1)])
    }
    #expect(board.waiterCount(of: user) == 0)
  }

  @Test(arguments: [Duration.seconds(-1), .zero, .milliseconds(3)])
  func `when the time is up the wait ends and leaves nobody behind`(timeout: Duration) async {
    await board.wait(for: user, above: .zero, timeout: timeout)
    #expect(board.waiterCount(of: user) == 0)
  }

  @Test func `a cancelled wait ends and leaves nobody behind`() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [board, user] in await board.wait(for: user, above: .zero, timeout: .seconds(3_600)) }
      await waitUntil { board.waiterCount(of: user) == 1 }
      group.cancelAll()
    }
    #expect(board.waiterCount(of: user) == 0)
  }

  @Test func `whoever is cancelled before does not wait`() async {
    await withTaskGroup(of: Void.self) { group in
      group.cancelAll()
      group.addTask { [board, user] in await board.wait(for: user, above: .zero, timeout: .seconds(3_600)) }
    }
    #expect(board.waiterCount(of: user) == 0)
  }

  @Test func `a published number never goes back`() {
    board.publish([user: sequence(5)])
    board.publish([user: sequence(3)])
    #expect(board.latest(user) == sequence(5))
  }

  @Test func `nobody misses a publication that happens while the wait begins`() async {
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<200 as Range<UInt64> {
        group.addTask { [board, user] in
          await board.wait(for: user, above: SequenceNumber(rawValue: number), timeout: .seconds(3_600))
        }
        group.addTask { [board, user] in board.publish([user: SequenceNumber(rawValue: number + 1)]) }
      }
    }
    #expect(board.waiterCount(of: user) == 0)
    #expect(board.latest(user) == sequence(200))
  }
}
