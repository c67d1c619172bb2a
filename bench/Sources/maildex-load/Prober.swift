import Foundation
import Synchronization

/// A mail with a word of its own, acknowledged and to be found.
struct Probe: Sendable {
  let user: String
  let word: String
  let acknowledged: ContinuousClock.Instant
}

/// Probes on their way from the senders to the prober.
final class ProbeQueue: @unchecked Sendable {
  // Sendable because everything is read and written while `condition` is locked.
  private let condition = NSCondition()
  private var probes: [Probe] = []
  private var isFinished = false

  func add(_ probe: Probe) {
    condition.withLock {
      probes.append(probe)
      condition.signal()
    }
  }

  func finish() {
    condition.withLock {
      isFinished = true
      condition.signal()
    }
  }

  func next() -> Probe? {
    condition.withLock {
      while probes.isEmpty && !isFinished { condition.wait() }
      return probes.isEmpty ? nil : probes.removeLast()
    }
  }
}

/// Asks for each probe's word until it is found, newest probe first so that a slow one does not age those behind it.
final class Prober: @unchecked Sendable {
  struct Found: Sendable {
    /// From the 250 to the first answer that holds the mail.
    var latencies = Latencies()
    var missing = 0
    /// Probes that had waited for their turn, and so say nothing about the server.
    var skipped = 0
    var failure: String?
  }

  // Sendable because `found` is written by the one thread and read after it has ended.
  private let address: String
  private let domain: String
  private let queue: ProbeQueue
  private let done = DispatchSemaphore(value: 0)
  private var found = Found()

  init(address: String, domain: String, queue: ProbeQueue) {
    self.address = address
    self.domain = domain
    self.queue = queue
  }

  func start() {
    Thread.detachNewThread { [self] in
      defer { done.signal() }
      do {
        let connection = try Connection(address)
        while let probe = queue.next() {
          // One at least is looked for, however late.
          if ContinuousClock.now - probe.acknowledged > .milliseconds(5), !found.latencies.values.isEmpty {
            found.skipped += 1
            continue
          }
          try look(for: probe, over: connection)
        }
      } catch {
        found.failure = "prober: \(error)"
      }
    }
  }

  func wait() -> Found {
    done.wait()
    return found
  }

  private func look(for probe: Probe, over connection: Connection) throws {
    while ContinuousClock.now - probe.acknowledged < .seconds(10) {
      try connection.send(
        "GET /v1/search?q=\(probe.word)&limit=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
          + "X-Maildex-User: \(probe.user)@\(domain)\r\n\r\n")
      let body = try answer(connection)
      if body.contains("\"total\":1") {
        found.latencies.add(ContinuousClock.now - probe.acknowledged)
        return
      }
      guard body.contains("\"total\":0") else { throw LoadError("unexpected answer: \(body.prefix(200))") }
    }
    found.missing += 1
  }

  private func answer(_ connection: Connection) throws -> String {
    var length = 0
    while true {
      let line = try connection.line()
      if line.isEmpty { break }
      if line.lowercased().hasPrefix("content-length:") {
        length = Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) ?? 0
      }
    }
    return String(decoding: try connection.bytes(length), as: UTF8.self)
  }
}
