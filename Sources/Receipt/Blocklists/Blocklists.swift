import Bytes
import Logging
import SMTP

/// Asks lists of addresses in DNS about clients (RFC 5782), and keeps answers for as long as they say. The thread that asks begins
/// with the first question.
final class Blocklists: Sendable {
  private enum Resolver {
    case notBegun, closed
    case running(DNSResolver)
  }

  let counter = BlocklistCounter()
  private let servers: [String]
  private let clock: any MonotonicClock
  private let logger: Logger
  private let cache = Locked(DNSCache())
  private let resolver = Locked(Resolver.notBegun)

  /// - Parameter servers: see `DNSResolver`.
  init(servers: [String], clock: any MonotonicClock = SystemClock(), logger: Logger) {
    self.servers = servers
    self.clock = clock
    self.logger = logger
  }

  /// Ends all questions. Blocks for a moment.
  func close() {
    let running = resolver.withLock { resolver -> DNSResolver? in
      defer { resolver = .closed }
      if case .running(let running) = resolver { return running }
      return nil
    }
    running?.close()
  }

  /// Asks all lists at once.
  /// - Parameter now: of the clock by which `BlocklistCheck.end` is meant.
  func check(_ client: IPAddress, by policy: BlocklistPolicy, now: Duration) -> BlocklistCheck {
    let check = BlocklistCheck(policy, counter: counter, begin: now)
    for (number, list) in policy.lists.enumerated() {
      let name = "\(client.reversedLabels).\(list.zone)"
      ask(name, .a) { [self] outcome in
        guard case .answer(let message) = outcome else { return check.note(.unavailable, ofList: number) }
        guard list.counts(message.addresses) else { return check.note(.notListed, ofList: number) }
        // Only now: of nearly all clients there is nothing to say.
        ask(name, .txt) { outcome in
          var reason: String?
          if case .answer(let message) = outcome { reason = message.text.flatMap(Self.readable) }
          check.note(.listed(reason: reason), ofList: number)
        }
      }
    }
    return check
  }

  private func ask(
    _ name: String, _ type: DNSResolver.RecordType, _ completion: @escaping @Sendable (DNSResolver.Outcome) -> Void
  ) {
    let key = DNSCache.Key(name: name, type: type)
    let now = clock.elapsed()
    if let message = cache.withLock({ $0.message(for: key, now: now) }) { return completion(.answer(message)) }
    guard let resolver = opened() else { return completion(.unavailable) }
    resolver.ask(
      DNSResolver.Question(name: name, type: type) { [cache, clock] outcome in
        if case .answer(let message) = outcome {
          let now = clock.elapsed()
          cache.withLock { $0.note(message, for: key, now: now) }
        }
        completion(outcome)
      })
  }

  private func opened() -> DNSResolver? {
    do {
      return try resolver.withLock { resolver -> DNSResolver? in
        switch resolver {
        case .closed: return nil
        case .running(let running): return running
        case .notBegun:
          let running = try DNSResolver(servers: servers)
          resolver = .running(running)
          return running
        }
      }
    } catch {
      logger.warning("no look-ups in DNS", metadata: ["error": "\(error)"])
      return nil
    }
  }

  private static let maxReasonByteCount = 200

  /// What may stand in a reply: printable ASCII, and not too much of it.
  static func readable(_ text: [UInt8]) -> String? {
    let readable = text.prefix(maxReasonByteCount).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
    return readable.isEmpty ? nil : String(decoding: readable, as: UTF8.self)
  }
}
