import Foundation

/// Lets so many readers work at once, and never two on the same document: the second finds in the cache what the first read.
final class ReaderGate: @unchecked Sendable {
  // Sendable because what changes is read and written only while `condition` is locked.
  private let condition = NSCondition()
  private let workers: Int
  private var reading: Set<[UInt8]> = []

  init(workers: Int) { self.workers = workers }

  /// Waits until the document may be read; then `leave` is to be called.
  /// - Returns: false when that took longer than `limit`.
  func enter(_ document: [UInt8], within limit: Duration) -> Bool {
    let end = Date(timeIntervalSinceNow: limit / .seconds(1))
    return condition.withLock {
      while reading.count >= workers || reading.contains(document) {
        guard condition.wait(until: end) else { return false }
      }
      reading.insert(document)
      return true
    }
  }

  func leave(_ document: [UInt8]) {
    condition.withLock {
      reading.remove(document)
      condition.broadcast()
    }
  }
}
