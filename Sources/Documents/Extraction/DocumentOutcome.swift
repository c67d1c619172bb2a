/// How the reading of a file ended. The numbers are those of the cache.
package enum DocumentOutcome: UInt8, Sendable, CaseIterable {
  /// All of its text is there, which may be none.
  case whole = 0
  /// There is more text than is kept, or it is behind a limit of the format's reader.
  case cut = 1
  /// Damaged, encrypted, or not what it seems.
  case unreadable = 2
  /// The reader was ended when its time was over.
  case timeout = 3
  /// The reader ended by a signal: out of memory or processor time, or a fault.
  case crash = 4
  /// No reader was free in time.
  case busy = 5
  /// The reader is not installed, or could not be started.
  case unavailable = 6
  /// The service stopped.
  case stopped = 7

  package var name: String { String(describing: self) }

  /// Whether it would be the same another time.
  var isLasting: Bool { self == .whole || self == .cut || self == .unreadable }
}
