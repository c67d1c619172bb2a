/// A user's number, given once by the account store and never reused.
package struct UserID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
  package let rawValue: UInt32
  @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }
  package var description: String { "u\(rawValue)" }
  @inlinable package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A mail's number within its user: dense, from 1, in commit order, never reused.
package struct DocID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
  package let rawValue: UInt32
  @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }
  package var description: String { "d\(rawValue)" }
  @inlinable package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A folder's number within its user.
package struct FolderID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
  package let rawValue: UInt32
  @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }
  package var description: String { "f\(rawValue)" }
  @inlinable package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A place in an ordered stream of changes, from 1; 0 is "before the first". Shard sequences order a shard's journal
/// and are internal; user sequences are dense per user and are the ones shown in `seq`, `since` and `min_seq`.
package struct SequenceNumber: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
  package let rawValue: UInt64
  @inlinable package init(rawValue: UInt64) { self.rawValue = rawValue }
  package static let zero = SequenceNumber(rawValue: 0)
  package var next: SequenceNumber { SequenceNumber(rawValue: rawValue + 1) }
  package var description: String { "#\(rawValue)" }
  @inlinable package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Milliseconds since 1970-01-01T00:00:00Z, the resolution of every stored time.
package struct Timestamp: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
  package let rawValue: Int64
  @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
  package var description: String { "\(rawValue) ms" }
  @inlinable package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
