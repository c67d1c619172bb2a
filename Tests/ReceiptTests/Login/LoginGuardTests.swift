import SMTP
import Testing

@testable import Receipt

struct LoginGuardTests {
  private let limits = LoginGuard.Limits(byNetwork: 3, byAccount: 5)
  private let logins = LoginGuard()
  private func network(_ number: UInt32) -> Network { Network(of: IPAddress(ipv4: number), prefixLength: 32) }

  /// - Returns: the delay, or `nil` if it was not looked at.
  @discardableResult
  private func fail(_ account: String, from number: UInt32, at now: Duration = .zero) -> Duration? {
    guard case .allowed(let attempt) = logins.begin(account, from: network(number), limits, now: now) else {
      return nil
    }
    return logins.failed(attempt, now: now)
  }

  private func succeed(_ account: String, from number: UInt32, at now: Duration = .zero) -> Bool {
    guard case .allowed(let attempt) = logins.begin(account, from: network(number), limits, now: now) else {
      return false
    }
    logins.succeeded(attempt, now: now)
    return true
  }

  @Test func `whoever fails waits longer each time, and is not looked at in the end, until a minute has passed`() {
    #expect((0..<3).map { _ in fail("alice", from: 1) } == [.seconds(1), .seconds(2), .seconds(4)])
    #expect(logins.begin("alice", from: network(1), limits, now: .zero) == .tooManyOfNetwork)
    #expect(logins.begin("bob", from: network(1), limits, now: .zero) == .tooManyOfNetwork, "whoever it says it is")
    #expect(fail("alice", from: 2) == .seconds(8), "an account's failures count from everywhere")
    #expect(fail("alice", from: 1, at: .seconds(60)) != nil)
    #expect(fail("alice", from: 1, at: .seconds(60)) == nil)
  }

  @Test func `an account that is guessed at from many networks is not looked at either`() {
    for number in 1...5 as ClosedRange<UInt32> { #expect(fail("alice", from: number) != nil) }
    #expect(logins.begin("alice", from: network(9), limits, now: .zero) == .tooManyOfAccount)
    #expect(succeed("bob", from: 9))
  }

  @Test func `the owner still gets in from where it did before`() {
    #expect(succeed("alice", from: 1))
    for number in 2...9 as ClosedRange<UInt32> { fail("alice", from: number) }
    for account in ["bob", "carol", "dan", "eve"] { fail(account, from: 1) }
    #expect(logins.begin("alice", from: network(9), limits, now: .zero) == .tooManyOfAccount)
    #expect(logins.begin("bob", from: network(1), limits, now: .zero) == .tooManyOfNetwork)
    #expect(succeed("alice", from: 1))
    for _ in 0..<5 { #expect(fail("alice", from: 1) != nil) }
    #expect(fail("alice", from: 1) == nil, "a neighbour may guess there no more than anybody")
  }

  @Test func `many attempts at once gain nothing`() {
    let verdicts = (0..<10).map { _ in logins.begin("alice", from: network(1), limits, now: .zero) }
    #expect(verdicts.count { $0 == .tooManyOfNetwork } == 7)
  }

  @Test func `a network is known from the last login on, not from the first`() {
    for day in 0..<95 { #expect(succeed("alice", from: 1, at: .seconds(day * 86_400))) }
    let now = Duration.seconds(94 * 86_400 + 10)
    for number in 2...9 as ClosedRange<UInt32> { fail("alice", from: number, at: now) }
    #expect(succeed("alice", from: 1, at: now))
  }

  @Test func `what was our own trouble counts for nothing`() {
    for _ in 0..<20 {
      guard case .allowed(let attempt) = logins.begin("alice", from: network(1), limits, now: .zero) else {
        Issue.record("refused")
        return
      }
      logins.takeBack(attempt)
    }
  }

  @Test func `logins that succeed are no failures`() {
    for number in 0..<100 { #expect(succeed("user \(number)", from: 1)) }
    #expect(fail("alice", from: 1) == .seconds(1))
  }

  @Test func `without a limit nothing is refused, but failures are slow`() {
    for _ in 0..<40 {
      guard case .allowed(let attempt) = logins.begin("alice", from: nil, .init(), now: .zero) else {
        Issue.record("refused")
        return
      }
      #expect(logins.failed(attempt, now: .zero) <= LoginGuard.maxDelay)
    }
    #expect(fail("alice", from: 1) == nil, "they count where there is a limit")
  }

  @Test func `names and networks that nobody has take no more memory than there is`() {
    let logins = LoginGuard(capacity: 1_000)
    for number in 0..<20_000 as Range<UInt32> {
      guard case .allowed(let attempt) = logins.begin("\(number)", from: network(number), limits, now: .zero) else {
        continue
      }
      if number.isMultiple(of: 2) { logins.succeeded(attempt, now: .zero) }
    }
    #expect(logins.size <= 2_000)
  }
}
