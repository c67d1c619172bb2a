package import Bytes

/// A mailbox's folders as the writer knows them, with their counts: found by number, by name and by role without a walk over
/// them, for every mail that comes asks for one.
package struct FolderCatalog: Sendable {
  struct Entry: Sendable {
    var row: FolderRow
    var total = 0
    var unread = 0
    /// Its counts are not those of its row in the database.
    var isDirty = false
  }

  private var entries: [FolderID: Entry] = [:]
  /// Of several folders of one name, or role, the first; the door makes no second one.
  private var named: [String: FolderID] = [:]
  private var roles: [FolderRole: FolderID] = [:]

  init() {}

  package var isEmpty: Bool { entries.isEmpty }
  package var count: Int { entries.count }

  /// In order of folder number.
  package var rows: [FolderRow] { entries.values.map(\.row).sorted { $0.id < $1.id } }

  package subscript(id: FolderID) -> FolderRow? { entries[id]?.row }

  /// - Parameter name: as a whole, and in this case.
  package func folder(named name: String) -> FolderRow? { named[name].flatMap { self[$0] } }

  package func folder(_ role: FolderRole) -> FolderRow? { roles[role].flatMap { self[$0] } }

  func entry(_ id: FolderID) -> Entry? { entries[id] }

  // MARK: - Changes

  mutating func insert(_ entry: Entry) {
    entries[entry.row.id] = entry
    note(entry.row)
  }

  mutating func rename(_ id: FolderID, to name: String) {
    entries[id]?.row.name = name
    noteAll()
  }

  mutating func remove(_ id: FolderID) {
    entries[id] = nil
    noteAll()
  }

  /// - Returns: whether there is such a folder.
  mutating func count(_ change: Int, in id: FolderID, isRead: Bool) -> Bool {
    guard let place = entries.index(forKey: id) else { return false }
    entries.values[place].total += change
    if !isRead { entries.values[place].unread += change }
    entries.values[place].isDirty = true
    return true
  }

  /// Calls `body` with each folder whose counts changed since the last time.
  mutating func forEachDirty(_ body: (Entry) throws -> Void) rethrows {
    for id in Array(entries.keys) {
      guard let entry = entries[id], entry.isDirty else { continue }
      try body(entry)
      entries[id]?.isDirty = false
    }
  }

  private mutating func note(_ row: FolderRow) {
    named[row.name] = min(named[row.name] ?? row.id, row.id)
    if let role = row.role { roles[role] = min(roles[role] ?? row.id, row.id) }
  }

  /// Anew: a name or a role that became free may be another folder's.
  private mutating func noteAll() {
    (named, roles) = ([:], [:])
    for entry in entries.values { note(entry.row) }
  }
}
