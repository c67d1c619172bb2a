import ArgumentParser

/// Drives the index in process, without SMTP or HTTP, so that any rig can set it beside other engines. The last line of
/// each verb is one JSON object; bench/peers/peer.py says what its figures are.
@main struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maildex-bench", abstract: "Measures Maildex's index, and the door to its mailboxes, in process.",
    subcommands: [
      Bulk.self, Durable.self, QueryBench.self, Cold.self, Memory.self, Flags.self, Percolate.self,
    ])
}
