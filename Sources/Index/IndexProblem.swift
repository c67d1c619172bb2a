package import Bytes

/// Damage that `verify` found. A value, not an error: verification goes on and finds the next.
package struct IndexProblem: Sendable, Hashable, CustomStringConvertible {
  package let file: String
  package let user: UserID?
  package let docID: DocID?
  package let message: String

  package init(file: String, user: UserID?, docID: DocID?, message: String) {
    self.file = file
    self.user = user
    self.docID = docID
    self.message = message
  }

  package var description: String { message.hasPrefix(file) ? message : "\(file): \(message)" }
}
