package import Bytes

/// A report of a delivery on its way to another server.
package struct OutboundReport: Hashable, Sendable {
  package let id: Int64
  /// Its Message-ID, without angle brackets.
  package let name: String
  package let recipient: String
  package let needsUTF8: Bool
  package let bytes: [UInt8]
  /// How often it was tried in vain.
  package let tries: Int
  package let dueAt: Timestamp
}
