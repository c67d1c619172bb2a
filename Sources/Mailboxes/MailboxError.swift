import Index
import MailStore

/// Why the one door refused or failed, by who acts next.
package struct MailboxError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable {
    /// The user has no such message, folder or thread; another user's counts as none.
    case notFound
    /// The request itself must change.
    case invalid
    /// The request contradicts what is stored (a folder of that name exists).
    case conflict
    /// Temporary: full disk, full queue. The same request may succeed later; nothing of it was done.
    case busy
    /// A sync failed: this shard writes nothing until the process has restarted and recovered from what is on disk.
    case stopped
  }

  package let code: Code
  package let message: String
  /// For the log; may hold what the public message must not.
  package let cause: (any Error)?

  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  package var description: String { cause.map { "\(message) (\($0))" } ?? message }
}

extension MailboxError: TemporaryTrouble {
  /// Whatever fails in a commit is busy here; whose trouble that is its cause says.
  package var isTemporary: Bool {
    switch code {
    case .busy: cause.map { $0 is IndexError || $0.isTemporaryTrouble } ?? true
    case .stopped: true
    case .notFound, .invalid, .conflict: false
    }
  }
}
