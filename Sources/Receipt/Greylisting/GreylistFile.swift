import Bytes
import Foundation
import Logging
import MailStore

/// The file of a greylist, which is made when there is something to write. Blocks; one call at a time.
final class GreylistFile: Sendable {
  private let path: String
  private let logger: Logger
  private let store = Locked<GreylistStore?>(nil)

  init(path: String, logger: Logger) {
    self.path = path
    self.logger = logger
  }

  /// Gives all that is kept, each kind for itself, the last seen first; nothing where there is no file.
  func read(limit: Int, _ body: ([GreylistRow]) -> Void) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let store = try opened()
    do {
      for kind in GreylistRow.Kind.allCases {
        // The oldest first, so that they are the ones to be forgotten.
        body(try store.rows(kind, limit: limit).reversed())
        try store.keepOnly(kind, limit: limit)
      }
    } catch let error as StoreError where error.code == .corrupt {
      logger.warning("greylist begun anew", metadata: ["error": "\(error)"])
      self.store.withLock { $0 = nil }
      store.discard()
    }
  }

  func write(_ changes: GreylistTable.Changes) throws {
    try opened().write(Array(changes.rows.values), removing: Array(changes.removed))
  }

  func close() {
    store.withLock { store in
      store?.close()
      store = nil
    }
  }

  private func opened() throws -> GreylistStore {
    if let open = store.withLock({ $0 }) { return open }
    let opened = try GreylistStore(path: path) { logger.warning("greylist", metadata: ["note": "\($0)"]) }
    store.withLock { $0 = opened }
    return opened
  }
}
