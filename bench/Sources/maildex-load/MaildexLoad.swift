import ArgumentParser
import Foundation
import Synchronization

/// Offers mail over SMTP as fast as the server takes it, one mail a transaction, and asks over HTTP how soon each probe
/// is found. The last line is one JSON object.
@main
struct MaildexLoad: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "maildex-load")

  @Option(help: "HOST:PORT of SMTP.") var smtp: String
  @Flag(help: "What listens there speaks LMTP.") var lmtp = false
  @Option(help: "HOST:PORT of HTTP (auth: none).") var http: String?
  @Option(help: "DIR/<user>/<folder>.mbox; mail goes to <user>@DOMAIN.") var mail: String
  @Option var domain = "example.com"
  @Option var connections = 8
  @Option(help: "0 for all.") var limit = 0
  @Option(help: "Every so many mails one carries a word of its own that is then searched; 0 for none.")
  var probeEvery = 100
  @Option(help: "Mails per second offered in all; 0 for as many as are taken.") var rate = 0

  func run() throws {
    let mails = try MailFile.load(directory: mail, limit: limit)
    let probes = ProbeQueue()
    let prober = http.map { Prober(address: $0, domain: domain, queue: probes) }
    prober?.start()
    let sender = Sender(
      mails: mails, address: smtp, hello: lmtp ? "LHLO" : "EHLO", domain: domain,
      probeEvery: http == nil ? 0 : probeEvery, rate: rate, probes: probes)
    let start = ContinuousClock.now
    let results = sender.run(connections: connections)
    let elapsed = ContinuousClock.now - start
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    probes.finish()
    let found = prober?.wait()
    var latencies = Latencies()
    for result in results { latencies.add(result.latencies) }
    let accepted = latencies.values.count
    var failures = (results.map(\.failure) + [found?.failure]).compactMap(\.self)
    if let found, probeEvery > 0 {
      if found.missing > 0 { failures.append("\(found.missing) mails were acknowledged and not found") }
      if found.latencies.values.isEmpty { failures.append("no mail was searched for") }
    }
    if accepted < mails.count { failures.append("\(mails.count - accepted) of \(mails.count) mails were not accepted") }
    for failure in failures { FileHandle.standardError.write(Data("\(failure)\n".utf8)) }
    let byteCount = mails.reduce(0) { $0 + $1.data.count }
    print(
      "{\"mails\":\(accepted),\"seconds\":\(seconds),\"mails_s\":\(Double(accepted) / seconds),"
        + "\"mb_s\":\(Double(byteCount) / seconds / 1e6),\"connections\":\(connections),\"ack_ms\":\(latencies.json),"
        + "\"found_ms\":\(found?.latencies.json ?? "null"),\"probes_skipped\":\(found?.skipped ?? 0)}")
    if !failures.isEmpty { throw ExitCode.failure }
  }
}
