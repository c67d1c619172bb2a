/// Why a receiver does not accept a mail that it could store; thrown by `MailReceiver.accept`.
package enum MailRefusal: Error, CustomStringConvertible {
  /// Filters want none of it: 554 5.7.1, with their reason.
  case rejected(reason: String)
  /// Filters cannot be asked now: 451 4.7.1.
  case unchecked(reason: String)

  package var description: String {
    switch self {
    case .rejected(let reason): "rejected: \(reason)"
    case .unchecked(let reason): "not checked: \(reason)"
    }
  }
}
