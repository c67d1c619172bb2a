/// What shall go wrong on a `CrashableFileSystem`.
package struct CrashPlan: Sendable {
  /// One call that changes something.
  package struct Step: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
      case createDirectory, create, rename, remove, syncDirectory, write, preallocate, truncate, sync
    }

    package let number: Int
    package let kind: Kind
    /// The source of a rename.
    package let path: String
  }

  /// The machine stops instead of performing this step.
  package var crashAtStep: Int?
  /// Bytes that all files together may have; over it, writes throw `.noSpace` after what fits.
  package var byteQuota: UInt64?
  /// Asked before each step; a code fails it. A failed write has written half, a failed sync has forgotten the pages:
  /// syncing again succeeds and saves nothing of them, as Linux does. May block, to hold a step back.
  package var failure: (@Sendable (Step) -> FileError.Code?)?
  /// Asked for the path before each read of a file that is open; a code fails it.
  package var readFailure: (@Sendable (String) -> FileError.Code?)?

  package init(
    crashAtStep: Int? = nil, byteQuota: UInt64? = nil, failure: (@Sendable (Step) -> FileError.Code?)? = nil,
    readFailure: (@Sendable (String) -> FileError.Code?)? = nil
  ) {
    self.crashAtStep = crashAtStep
    self.byteQuota = byteQuota
    self.failure = failure
    self.readFailure = readFailure
  }
}

/// What a crash leaves of everything that was not synced.
package enum CrashOutcome: Sendable, Hashable {
  /// All of it, still unsynced: the process was killed, the machine went on. A later power loss may yet take it.
  case kept
  /// Nothing of it.
  case dropped
  /// Each unsynced sector, size and name by the toss of a coin.
  case torn(seed: UInt64)
}
