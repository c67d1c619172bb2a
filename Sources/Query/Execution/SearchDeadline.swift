package import Bytes

/// When a search has to give up.
package struct SearchDeadline: Sendable {
  private let hasPassed: @Sendable () -> Bool

  package static let never = SearchDeadline { false }

  package init(_ hasPassed: @escaping @Sendable () -> Bool) { self.hasPassed = hasPassed }

  package init(after duration: Duration, on clock: any WallClock) {
    let (seconds, attoseconds) = duration.components
    let end = clock.now().rawValue + seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    self.init { clock.now().rawValue > end }
  }

  package var isPast: Bool { hasPassed() }

  /// - Throws: `SearchError` `.deadlineExceeded` once it is past.
  package func check() throws(SearchError) {
    if isPast {
      throw SearchError(
        code: .deadlineExceeded, message: "The search took longer than allowed; narrow it, or ask without the total.")
    }
  }
}
