import Bytes

/// The open runs of one version of the index. Immutable: a snapshot that holds a set keeps its files readable.
final class RunSet: Sendable {
  /// In order of precedence, as in the manifest: the later one counts.
  let runs: [RunReader]

  init(_ runs: [RunReader]) { self.runs = runs }

  func runs(of user: UserID) -> [RunReader] { runs.filter { !$0.fences.blocks(of: user).isEmpty } }
}
