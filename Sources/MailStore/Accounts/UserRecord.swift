package import Bytes

/// Somebody whose mail is kept here.
package struct UserRecord: Hashable, Sendable {
  package let id: UserID
  /// As it was given when the user was added; two addresses that differ only in case are the same user.
  package let address: String
  /// The display name, where one was given.
  package let name: String?
  /// The zone of the days in the user's queries, by its name in the tz database (`Europe/Berlin`); `nil` for the settings'.
  package internal(set) var timeZone: String?
  package let createdAt: Timestamp

  package init(id: UserID, address: String, name: String?, timeZone: String? = nil, createdAt: Timestamp) {
    self.id = id
    self.address = address
    self.name = name
    self.timeZone = timeZone
    self.createdAt = createdAt
  }
}

/// A token's number, shown by `token list` and taken by `token revoke`; never reused.
package struct TokenID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }
  package var description: String { String(rawValue) }
  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What is known of a bearer token: everything but the token, of which only the hash is kept.
package struct TokenRecord: Hashable, Sendable {
  package let id: TokenID
  package let user: UserID
  package let label: String?
  package let createdAt: Timestamp

  package init(id: TokenID, user: UserID, label: String?, createdAt: Timestamp) {
    self.id = id
    self.user = user
    self.label = label
    self.createdAt = createdAt
  }
}
