import Bytes

extension CommandRunner {
  func reloadConfiguration(_ output: CommandOutput) async throws {
    guard let reload else { throw CommandFailure("no server runs here, and so none has a policy in force") }
    let outcome = try await engine.threads.run { try reload.run() }
    for note in outcome.notes { try await output(.warning("warning: \(note)")) }
    try await output(.line("reloaded=\(outcome.file)"))
  }
}
