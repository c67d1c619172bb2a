/// Why the service refused or failed, in the kinds that lead to different answers.
package struct MailServiceError: Error, Sendable, Equatable {
  package enum Code: Sendable {
    /// The user has nothing by that id: 404.
    case notFound
    /// The request must change: 400.
    case invalid
    /// The request contradicts what is there: 409.
    case conflict
    /// Temporary (full disk, full queue): 503 with a time to come back.
    case busy
    /// The deadline of the request has passed: 503.
    case deadlinePassed
    /// Stopped until the operator acts: 503.
    case stopped
    /// Stored data is missing or damaged: 500.
    case damaged
  }

  package let code: Code
  /// Shown to the caller.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

/// The query's text cannot be understood.
package struct InvalidQuery: Error, Sendable, Equatable {
  package let message: String
  /// In Unicode scalars, from 0.
  package let position: Int
  package let expected: String?
  package let suggestion: String?

  package init(message: String, position: Int, expected: String? = nil, suggestion: String? = nil) {
    self.message = message
    self.position = position
    self.expected = expected
    self.suggestion = suggestion
  }
}
