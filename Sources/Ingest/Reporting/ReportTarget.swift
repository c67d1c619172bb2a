package import Bytes

/// Whose a sender's address is.
package enum ReportTarget: Sendable, Equatable {
  case users([UserID])
  /// Of a domain of ours, and nobody's.
  case unknown
  /// Of another server.
  case foreign
}
