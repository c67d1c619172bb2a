/// A mail has no verdict this time, and is to be tried again: nothing here is a reason to bounce or to lose it.
package struct FilterError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, CaseIterable, Hashable, Sendable {
    /// No connection, or one that ended early.
    case unreachable
    /// No answer in time.
    case timeout
    /// An answer that is none.
    case protocolError = "protocol_error"
    /// More mails wait for the filter than may.
    case overloaded
    /// The filter failed often and is left alone for a while.
    case circuitOpen = "circuit_open"
    /// The filter is well and wants the mail later: greylisting, a rate.
    case deferred
  }

  package let code: Code
  /// For the log: names the filter, and what the operator can do.
  package let message: String
  /// Not before then is another try of use; nil where that is not known.
  package let retryAfter: Duration?

  package init(_ code: Code, _ message: String, retryAfter: Duration? = nil) {
    self.code = code
    self.message = message
    self.retryAfter = retryAfter
  }

  package var description: String { "\(code.rawValue): \(message)" }

  func retried(after duration: Duration?) -> FilterError {
    FilterError(code, message, retryAfter: retryAfter ?? duration)
  }

  func of(_ filter: String) -> FilterError { FilterError(code, "\(filter): \(message)", retryAfter: retryAfter) }
}
