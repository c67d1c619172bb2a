/// Why a search gave no answer. A query that cannot be understood is a `QueryError`; damage is an `IndexError`.
package struct SearchError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The cursor is not one of ours, was altered, or belongs to another user, query or sort order.
    case invalidCursor
    /// The time allowed for the search is over; a narrower query, or one without the total, may do.
    case deadlineExceeded
  }

  package let code: Code
  package let message: String

  package init(code: Code, message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }

  static let foreignCursor = SearchError(
    code: .invalidCursor, message: "The cursor does not belong to this search; start again without one.")
}
