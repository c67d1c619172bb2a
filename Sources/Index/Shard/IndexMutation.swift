package import Bytes

/// One change of the change stream, as the index takes it. Applying a change twice is applying it once.
package enum IndexMutation: Sendable {
  case add(UserID, DocID, DocumentAttributes, EncodedRecord)
  /// All but the received date, which never changes: segments number their documents by it.
  case setAttributes(UserID, DocID, DocumentAttributes)
  case remove(UserID, DocID)
  case removeUser(UserID)
  /// A new text record for a document whose own lacks something, or is missing or damaged.
  case replaceRecord(UserID, DocID, EncodedRecord)

  package var user: UserID {
    switch self {
    case .add(let user, _, _, _), .setAttributes(let user, _, _), .remove(let user, _), .removeUser(let user),
      .replaceRecord(let user, _, _):
      user
    }
  }
}
