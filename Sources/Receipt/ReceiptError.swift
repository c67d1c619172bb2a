/// Why the listener could not do its work.
package struct ReceiptError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable {
    /// The address cannot be had: in use, not ours, or a port that needs privileges.
    case cannotListen(Door)
    /// Certificate and key cannot be read, are none, or do not belong together.
    case badCertificate
    /// The process has no room for it.
    case noRoom
  }

  package let code: Code
  package let message: String
  package let cause: (any Error)?

  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  package var description: String { message }
}
