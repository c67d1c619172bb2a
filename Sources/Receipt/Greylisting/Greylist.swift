package import Bytes
package import Logging
import MailStore
import ServiceLifecycle
import SMTP

/// Puts off mail of senders that are new (RFC 6647), and remembers over a restart who came back.
///
///     let greylist = try Greylist(path: data + "/greylist.sqlite", clock: …, logger: …)
///     try await greylist.run()          // as a service: writes down what changed, once a second
///
/// Answers come from memory. The file is written behind them: what a crash loses is the last second, and those senders are put
/// off once more. A file that cannot be written is logged and changes no answer. There is a file from the first mail that was
/// put off.
package final class Greylist: Service {
  private static let interval = Duration.seconds(1)
  /// Writes between two looks for what is too old.
  private static let writesUntilExpiry = 3_600

  private let table: Locked<GreylistTable>
  private let policy: CurrentPolicy
  private let clock: any WallClock
  private let file: GreylistFile
  private let threads = BlockingThreads(name: "greylist", threads: 1)
  private let logger: Logger

  /// Reads what was remembered. Blocks.
  /// - Throws: `StoreError` for a file of a later version, or one that cannot be read.
  package init(
    path: String, policy: CurrentPolicy, clock: any WallClock, logger: Logger, capacity: Int = 100_000
  ) throws {
    file = GreylistFile(path: path, logger: logger)
    self.policy = policy
    self.clock = clock
    self.logger = logger
    var table = GreylistTable(capacity: capacity)
    try file.read(limit: capacity) { table.load($0) }
    self.table = Locked(table)
  }

  deinit { threads.close() }

  /// Of all kinds.
  package var count: Int { table.withLock { $0.count } }

  /// From memory, on any thread.
  /// - Parameters:
  ///   - sender: the reverse path, empty for the null one.
  ///   - recipient: as the client named it.
  /// - Returns: whether the mail is taken; else it is put off.
  func takes(_ sender: String, _ recipient: String, from client: IPAddress, by policy: GreylistPolicy) -> Bool {
    let length = client.family == .ipv4 ? policy.ipv4PrefixLength : policy.ipv6PrefixLength
    let network = Network(of: client, prefixLength: length).description
    let triplet = GreylistKey(of: [network, sender.lowercased(), recipient.lowercased()])
    let now = clock.now()
    let networkKey = GreylistKey(of: [network])
    return table.withLock { $0.decide(triplet, of: networkKey, by: policy, now: now) == .accepted }
  }

  /// Writes until a graceful shutdown, and a last time behind it.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      var writes = 0
      while !Task.isCancelled {
        try? await Task.sleep(for: Self.interval)
        writes += 1
        if writes % Self.writesUntilExpiry == 0 {
          let (policy, now) = (self.policy.value.greylisting, self.clock.now())
          self.table.withLock { $0.expire(by: policy, now: now) }
        }
        await self.write()
      }
    }
    await write()
    try? await threads.run { [file] in file.close() }
  }

  /// What changed since the last time.
  package func write() async {
    let changes = table.withLock { $0.takeChanges() }
    if changes.isEmpty { return }
    do {
      try await threads.run { [file] in try file.write(changes) }
    } catch {
      // Lost, as in a crash: it would only pile up.
      logger.warning("greylist not written", metadata: ["error": "\(error)"])
    }
  }
}
