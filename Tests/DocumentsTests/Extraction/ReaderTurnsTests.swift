import Bytes
import Testing

@testable import Documents

/// Who may read next.
struct ReaderTurnsTests {
  /// Asks for documents, and names who is admitted by user and document.
  private struct Waiting {
    private var turns: ReaderTurns
    private var names: [ReaderTurns.Ticket: String] = [:]
    private var tickets: [String: ReaderTurns.Ticket] = [:]

    init(places: Int) { turns = ReaderTurns(places: places) }

    mutating func ask(_ user: UInt32, _ documents: UInt8..., isRetry: Bool = false) {
      for document in documents {
        let ticket = turns.ask(for: [document], DocumentClaim(user: UserID(rawValue: user), isRetry: isRetry))
        names[ticket] = "u\(user) \(document)"
        tickets["u\(user) \(document)"] = ticket
      }
    }

    mutating func admit() -> [String] { turns.admit().map { names[$0] ?? "?" } }

    mutating func leave(_ document: UInt8) -> [String] {
      turns.leave([document])
      return admit()
    }

    mutating func withdraw(_ name: String) { if let ticket = tickets[name] { turns.withdraw(ticket) } }
  }

  @Test func `users take turns, however many documents one of them has, and each one's go in order`() {
    var waiting = Waiting(places: 1)
    waiting.ask(1, 10, 11, 12, 13)
    #expect(waiting.admit() == ["u1 10"])
    waiting.ask(2, 20)
    waiting.ask(3, 30, 31)
    #expect(waiting.leave(10) == ["u1 11"])
    #expect(waiting.leave(11) == ["u2 20"])
    #expect(waiting.leave(20) == ["u3 30"])
    #expect(waiting.leave(30) == ["u1 12"])
    waiting.ask(2, 21)
    #expect(waiting.leave(12) == ["u3 31"])
    #expect(waiting.leave(31) == ["u1 13"])
    #expect(waiting.leave(13) == ["u2 21"])
    #expect(waiting.leave(21) == [])
  }

  @Test func `as many read as there are places`() {
    var waiting = Waiting(places: 2)
    waiting.ask(1, 10, 11, 12)
    #expect(waiting.admit() == ["u1 10", "u1 11"])
    #expect(waiting.admit() == [])
    #expect(waiting.leave(11) == ["u1 12"])
  }

  @Test func `who waits for a document that is being read lets others go first`() {
    var waiting = Waiting(places: 2)
    waiting.ask(1, 10)
    waiting.ask(2, 10, 20)
    #expect(waiting.admit() == ["u1 10", "u2 20"])
    #expect(waiting.leave(20) == [])
    #expect(waiting.leave(10) == ["u2 10"])
  }

  @Test func `what is tried again takes no place, but reads nothing that another reads`() {
    var waiting = Waiting(places: 1)
    waiting.ask(1, 10)
    waiting.ask(2, 20, 10, isRetry: true)
    #expect(waiting.admit() == ["u1 10", "u2 20"])
    #expect(waiting.leave(20) == [])
    waiting.ask(3, 30)
    #expect(waiting.leave(10) == ["u2 10", "u3 30"])
  }

  @Test func `who waits no more is not admitted, and holds up nobody`() {
    var waiting = Waiting(places: 1)
    waiting.ask(1, 10)
    waiting.ask(2, 20)
    waiting.ask(3, 30)
    #expect(waiting.admit() == ["u1 10"])
    waiting.withdraw("u2 20")
    #expect(waiting.leave(10) == ["u3 30"])
  }
}
