import Foundation
import Synchronization

/// Sends all mails over some connections, each a thread; a mail is sent by whichever connection is free.
final class Sender: Sendable {
  struct Outcome: Sendable {
    /// From the end of the data to its 250.
    var latencies = Latencies()
    var failure: String?
  }

  private let mails: [WireMail]
  private let address: String
  private let hello: String
  private let domain: String
  private let probeEvery: Int
  private let rate: Int
  private let probes: ProbeQueue
  private let next = Atomic<Int>(0)

  /// - Parameter hello: `EHLO`, or `LHLO`.
  init(
    mails: [WireMail], address: String, hello: String, domain: String, probeEvery: Int, rate: Int, probes: ProbeQueue
  ) {
    self.mails = mails
    self.address = address
    self.hello = hello
    self.domain = domain
    self.probeEvery = probeEvery
    self.rate = rate
    self.probes = probes
  }

  func run(connections: Int) -> [Outcome] {
    let outcomes = Mutex<[Outcome]>([])
    let done = DispatchGroup()
    for _ in 0..<connections {
      done.enter()
      Thread.detachNewThread { [self] in
        let outcome = send()
        outcomes.withLock { $0.append(outcome) }
        done.leave()
      }
    }
    done.wait()
    return outcomes.withLock { $0 }
  }

  private func send() -> Outcome {
    var outcome = Outcome()
    do {
      let connection = try Connection(address)
      try connection.reply("220")
      try connection.send("\(hello) load.example.org\r\n")
      try connection.reply("250")
      let start = ContinuousClock.now
      while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        guard number < mails.count else { break }
        if rate > 0 { waitUntil(start + .nanoseconds(1_000_000_000 / rate * number)) }
        try send(mails[number], number: number, over: connection, &outcome)
      }
      try connection.send("QUIT\r\n")
    } catch {
      outcome.failure = "\(error)"
    }
    return outcome
  }

  private func send(_ mail: WireMail, number: Int, over connection: Connection, _ outcome: inout Outcome) throws {
    try connection.send("MAIL FROM:<load@example.org>\r\nRCPT TO:<\(mail.user)@\(domain)>\r\nDATA\r\n")
    try connection.reply("250")
    try connection.reply("250")
    try connection.reply("354")
    let isProbe = probeEvery > 0 && number % probeEvery == 0 && mail.endsInText
    let word = "zqprobe\(number)"
    let sent = ContinuousClock.now
    try connection.send(mail.data + (isProbe ? Array("\(word)\r\n.\r\n".utf8) : Array(".\r\n".utf8)))
    try connection.reply("250")
    let acknowledged = ContinuousClock.now
    outcome.latencies.add(acknowledged - sent)
    if isProbe { probes.add(Probe(user: mail.user, word: word, acknowledged: acknowledged)) }
  }

  private func waitUntil(_ instant: ContinuousClock.Instant) {
    let wait = instant - ContinuousClock.now
    if wait > .zero { usleep(UInt32(wait.components.attoseconds / 1_000_000_000_000)) }
  }
}
