import Bytes
import HTTPAPI
import HTTPTypes
import MailStore
import Testing

struct AnswerBudgetTests {
  private let alice = UserID(rawValue: 1)
  private let bob = UserID(rawValue: 2)
  private let carol = UserID(rawValue: 3)

  @Test func `what is claimed counts until the last holder lets go`() throws {
    let budget = AnswerBudget(byteCount: 100)
    var claim: AnswerBudget.Claim? = try budget.claim(40, for: alice)
    var copy = claim
    #expect(budget.inFlight == 40)
    claim = nil
    #expect(copy != nil && budget.inFlight == 40)
    copy = nil
    #expect(budget.inFlight == 0 && claim == nil)
  }

  @Test func `over the budget nobody gets more, and is told when to come back`() throws {
    let budget = AnswerBudget(byteCount: 100)
    let claims = try [budget.claim(50, for: alice), budget.claim(50, for: bob)]
    let problem = #expect(throws: Problem.self) { try budget.claim(1, for: carol) }
    #expect(problem?.status == .serviceUnavailable)
    #expect(problem?.headers[.retryAfter] == "1")
    #expect(budget.inFlight == 100 && claims.count == 2)
  }

  @Test func `a user who has something gets no more than half`() throws {
    let budget = AnswerBudget(byteCount: 100)
    let first = try budget.claim(40, for: alice)
    #expect(throws: Problem.self) { try budget.claim(11, for: alice) }
    let second = try budget.claim(10, for: alice)
    let other = try budget.claim(50, for: bob)
    withExtendedLifetime((first, second, other)) { #expect(budget.inFlight == 100) }
  }

  @Test func `one mail may be larger than a user's half, and alone larger than all`() throws {
    let budget = AnswerBudget(byteCount: 100)
    var small: AnswerBudget.Claim? = try budget.claim(10, for: bob)
    #expect(throws: Problem.self) { try budget.claim(150, for: alice) }
    let large = try budget.claim(80, for: alice)
    withExtendedLifetime((small, large)) { #expect(budget.inFlight == 90) }
    small = nil
    do {
      let empty = AnswerBudget(byteCount: 100)
      let alone = try empty.claim(150, for: alice)
      #expect(throws: Problem.self) { try empty.claim(1, for: bob) }
      withExtendedLifetime(alone) { #expect(empty.inFlight == 150) }
    }
  }

  @Test func `a claim takes the size that turned out`() throws {
    let budget = AnswerBudget(byteCount: 100)
    let claim = try budget.claim(40, for: alice)
    claim.resize(to: 5)
    #expect(budget.inFlight == 5)
    claim.resize(to: 120)
    #expect(budget.inFlight == 120)
    withExtendedLifetime(claim) {}
  }
}
