import Bytes

/// What has become of users' documents since the last flush, whether the users are in memory or not.
struct AttributeArena: Sendable {
  private(set) var users: [UserID: AttributeLog] = [:]
  /// What they take, roughly.
  private(set) var byteCount = 0

  var isEmpty: Bool { users.isEmpty }

  mutating func append(_ user: UserID, _ changes: AttributeLog) {
    byteCount += changes.byteCount
    users[user, default: AttributeLog()].append(changes)
  }

  mutating func remove(_ user: UserID) {
    guard let log = users.removeValue(forKey: user) else { return }
    byteCount -= log.byteCount
  }
}

/// Changes of one user's attributes in the order in which they were made: of the same document the last counts, so that
/// applying all of them again changes nothing.
///
/// Only ever added to: who has taken the first so many knows all but the rest.
struct AttributeLog: Sendable {
  struct Entry: Sendable, Equatable {
    let docID: UInt32
    /// `nil`: the document is removed.
    let attributes: DocumentAttributes?
  }

  private(set) var entries: [Entry] = []
  /// Of the user's last change.
  private(set) var sequence: SequenceNumber?
  /// The user's first document is among the entries, and so, as docIDs are given in the order of commits and never again, is
  /// every one the user ever had.
  private(set) var isBase = false
  private(set) var byteCount = 0

  /// The number of every user's first document.
  private static let firstDocID: UInt32 = 1

  init() {}

  /// - Parameter mutations: of one user.
  init(_ mutations: [IndexMutation], sequence: SequenceNumber? = nil) {
    self.sequence = sequence
    if sequence != nil { byteCount = 16 }
    for mutation in mutations {
      switch mutation {
      case .add(_, let docID, let attributes, _):
        if docID.rawValue == Self.firstDocID { isBase = true }
        append(Entry(docID: docID.rawValue, attributes: attributes))
      case .setAttributes(_, let docID, let attributes): append(Entry(docID: docID.rawValue, attributes: attributes))
      case .remove(_, let docID): append(Entry(docID: docID.rawValue, attributes: nil))
      case .removeUser, .replaceRecord: break
      }
    }
  }

  var isEmpty: Bool { entries.isEmpty && sequence == nil }

  private mutating func append(_ entry: Entry) {
    entries.append(entry)
    byteCount += 64
    for label in entry.attributes?.labels ?? [] { byteCount += 16 + label.utf8.count }
  }

  mutating func append(_ later: AttributeLog) {
    if entries.isEmpty { entries = later.entries } else { entries += later.entries }
    sequence = later.sequence ?? sequence
    isBase = isBase || later.isBase
    byteCount += later.byteCount
  }

  /// The entries that count, ascending by docID.
  var latest: [Entry] {
    var places = Array(entries.indices)
    places.sort { (entries[$0].docID, $0) < (entries[$1].docID, $1) }
    return places.indices.compactMap { index in
      let entry = entries[places[index]]
      return index + 1 < places.count && entries[places[index + 1]].docID == entry.docID ? nil : entry
    }
  }
}

extension UserAttributes {
  mutating func apply(_ entry: AttributeLog.Entry) {
    let docID = DocID(rawValue: entry.docID)
    if let attributes = entry.attributes { set(docID, attributes) } else { remove(docID) }
  }
}
