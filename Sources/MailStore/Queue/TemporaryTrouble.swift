import Bytes
import GRDB

/// An error that says whose the trouble is. What is temporary is ours (a full disk, a filter that is down): a mail that failed for
/// it may succeed as it is, and the try does not count against the mail.
package protocol TemporaryTrouble: Error {
  var isTemporary: Bool { get }
  /// When to try again, if the failing step knows it.
  var retryAfter: Duration? { get }
}

extension TemporaryTrouble {
  package var retryAfter: Duration? { nil }
}

extension StoreError: TemporaryTrouble {
  package var isTemporary: Bool {
    switch code {
    case .noSpace, .busy, .queueFull, .stopped, .closed: true
    case .tooLarge, .corrupt, .missingBlob, .failed: false
    }
  }
}

extension Error {
  /// Whether the trouble is ours and not the mail's; false for what nobody knows.
  package var isTemporaryTrouble: Bool {
    switch self {
    case let error as any TemporaryTrouble: error.isTemporary
    case let error as FileError: error.isTemporary
    case let error as DatabaseError: StoreError(error, path: "").isTemporary
    case is CancellationError, is BlockingThreads.Overloaded: true
    default: false
    }
  }
}
