package import Bytes

/// The name of a saved search that never changes: when it was made, and chance, so that ids sort by their making and one
/// that was deleted does not come back.
///
///     48 bits ms since 1970 | 16 random
package struct SavedSearchID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package init(at time: Timestamp, using random: inout some RandomNumberGenerator) {
    rawValue = UInt64(clamping: time.rawValue) << 16 | UInt64(UInt16.random(in: .min ... .max, using: &random))
  }

  package var createdAt: Timestamp { Timestamp(rawValue: Int64(rawValue >> 16)) }

  /// Sixteen lower-case hexadecimal digits, as a folder's.
  package var description: String { FolderRow.publicName(of: rawValue) }

  /// Accepts exactly the form that `description` gives: a search has one name.
  package init?(_ text: some StringProtocol) {
    guard let value = UInt64(text, radix: 16) else { return nil }
    self.init(rawValue: value)
    if description != text { return nil }
  }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A query that its owner keeps under a name.
package struct SavedSearch: Hashable, Sendable {
  package let id: SavedSearchID
  /// Of no other of the user's searches.
  package var name: String
  /// In the query language, as it was typed: `newer_than:2d` means two days before it is asked.
  package var query: String
  /// It is a standing query: mail that arrives and matches is announced.
  package var notifies: Bool
  package var updatedAt: Timestamp

  package init(id: SavedSearchID, name: String, query: String, notifies: Bool, updatedAt: Timestamp) {
    self.id = id
    self.name = name
    self.query = query
    self.notifies = notifies
    self.updatedAt = updatedAt
  }
}

// MARK: - Bytes

extension SavedSearch {
  func encode(into writer: inout ByteWriter) {
    writer.write(id.rawValue)
    writer.writeLengthPrefixed(name)
    writer.writeLengthPrefixed(query)
    writer.write(UInt8(notifies ? 1 : 0))
    writer.writeSignedVarint(updatedAt.rawValue)
  }

  init(from reader: inout ByteReader) throws(DecodingError) {
    let id = SavedSearchID(rawValue: try reader.readUInt64())
    let name = try reader.readString()
    let query = try reader.readString()
    let notifies = try reader.readUInt8()
    guard notifies <= 1 else {
      throw DecodingError(offset: reader.offset - 1, message: "expected 0 or 1, found \(notifies)")
    }
    self.init(
      id: id, name: name, query: query, notifies: notifies == 1,
      updatedAt: Timestamp(rawValue: try reader.readSignedVarint()))
  }
}
