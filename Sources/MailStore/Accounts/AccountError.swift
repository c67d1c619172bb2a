/// Why the account store refused or failed.
package struct AccountError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: Sendable, Equatable {
    /// The request makes no sense as it is: an address that is none.
    case invalid
    /// The address already belongs to a user.
    case exists
    /// No such user or token.
    case notFound
    /// The file was written by a newer version of the program; nothing was changed.
    case newerVersion
    /// The file is damaged, or is not a database.
    case corrupt
    /// The disk is full: the same call may succeed when space returns.
    case noSpace
    /// Any other failure of the database.
    case failed
  }

  package let code: Code
  /// What happened and what to do.
  package let message: String

  package init(code: Code, message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
