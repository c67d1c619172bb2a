/// Where a dump of a file goes: lines for people, and beside them what is damaged. A dump goes on behind damage as far as the
/// format lets it.
package final class DumpOutput {
  /// What is to be shown; the rest is only checked.
  package struct Scope: Sendable {
    /// Only what belongs to this user.
    package var user: UserID?
    /// Only what belongs to this term of the dictionary.
    package var term: String?

    package init(user: UserID? = nil, term: String? = nil) {
      self.user = user
      self.term = term
    }

    package func shows(_ user: UInt32) -> Bool { self.user.map { $0.rawValue == user } ?? true }
  }

  package let scope: Scope
  /// Each as it was written.
  package private(set) var damages: [String] = []
  private let write: (String) throws -> Void

  /// - Parameter write: takes a line; may throw to stop the dump.
  package init(_ scope: Scope = Scope(), write: @escaping (String) throws -> Void) {
    self.scope = scope
    self.write = write
  }

  package func line(_ text: String) throws { try write(text) }

  /// - Parameter offset: of the damage in the file.
  package func damage(at offset: UInt64, _ message: String) throws { try damage("at byte \(offset): \(message)") }

  /// - Parameter message: with where in the file, as the rooms' errors say it.
  package func damage(_ message: String) throws {
    damages.append(message)
    try write("damaged: " + message)
  }
}
