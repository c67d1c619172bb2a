package import Bytes

/// For whom, and how urgently, a document is to be read.
package struct DocumentClaim: Hashable, Sendable {
  /// Waits in turn with the others; nil for who is no user, all of them one.
  package var user: UserID?
  /// It was missed before, and nobody waits: it is given all the time there is, and takes nobody's place.
  package var isRetry: Bool

  package init(user: UserID? = nil, isRetry: Bool = false) {
    self.user = user
    self.isRetry = isRetry
  }
}
