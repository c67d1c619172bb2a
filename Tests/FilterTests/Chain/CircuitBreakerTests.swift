import Testing

@testable import Filter

@Suite struct CircuitBreakerTests {
  private func options(_ failures: Int = 3) -> CircuitBreakerOptions {
    var options = CircuitBreakerOptions()
    options.failures = failures
    options.firstDelay = .seconds(10)
    options.maxDelay = .seconds(35)
    options.jitter = 0.5
    return options
  }

  /// A breaker that has just opened, at second 0.
  private func opened(random: Double = 0) -> CircuitBreaker {
    var breaker = CircuitBreaker(options(1))
    #expect(breaker.fail(isProbe: false, at: .zero, random: random) != nil)
    return breaker
  }

  @Test func `failures one after another open it, and a success between them starts the count anew`() {
    var breaker = CircuitBreaker(options())
    for _ in 0..<2 {
      #expect(breaker.fail(isProbe: false, at: .zero, random: 0) == nil)
      #expect(breaker.fail(isProbe: false, at: .zero, random: 0) == nil)
      #expect(breaker.succeed() == false)
    }
    #expect(breaker.state == .closed)
    for _ in 0..<2 { #expect(breaker.fail(isProbe: false, at: .zero, random: 0) == nil) }
    #expect(breaker.fail(isProbe: false, at: .zero, random: 0) == .seconds(10))
    #expect(breaker.state == .open)
    #expect(breaker.admit(at: .seconds(4)) == .refuse(after: .seconds(6)))
  }

  @Test func `after the delay one probe is let through, and nobody else until it has ended`() {
    var breaker = opened()
    #expect(breaker.admit(at: .seconds(10)) == .go(isProbe: true))
    #expect(breaker.state == .halfOpen)
    #expect(breaker.admit(at: .seconds(11)) == .refuse(after: .seconds(10)))
    #expect(breaker.succeed() == true)
    #expect(breaker.state == .closed)
    #expect(breaker.admit(at: .seconds(11)) == .go(isProbe: false))
  }

  @Test func `each probe that fails doubles the delay, up to the longest`() {
    var breaker = opened()
    var now = Duration.seconds(10)
    for delay in [20, 35, 35] {
      #expect(breaker.admit(at: now) == .go(isProbe: true))
      #expect(breaker.fail(isProbe: true, at: now, random: 0) == .seconds(delay))
      now += .seconds(delay)
    }
    #expect(breaker.admit(at: now) == .go(isProbe: true))
    #expect(breaker.succeed() == true)
    #expect(breaker.fail(isProbe: false, at: now, random: 0) == .seconds(10))
  }

  @Test func `the delay is longer by a random share`() {
    var breaker = CircuitBreaker(options(1))
    #expect(breaker.fail(isProbe: false, at: .zero, random: 0.5) == .seconds(12.5))
  }

  @Test func `what was asked before it opened neither lengthens the delay nor ends the probe`() {
    var breaker = opened()
    #expect(breaker.fail(isProbe: false, at: .seconds(5), random: 0) == nil)
    #expect(breaker.admit(at: .seconds(10)) == .go(isProbe: true))
    #expect(breaker.fail(isProbe: false, at: .seconds(10), random: 0) == nil)
    #expect(breaker.state == .halfOpen)
  }

  @Test func `a probe that is taken back leaves the next one free`() {
    var breaker = opened()
    #expect(breaker.admit(at: .seconds(10)) == .go(isProbe: true))
    breaker.abandon(isProbe: true, at: .seconds(10))
    #expect(breaker.admit(at: .seconds(10)) == .go(isProbe: true))
  }
}
