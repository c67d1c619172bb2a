import Bytes
import MailStore

/// Rows of one kind, in bounded memory: when there is no more room, the quarter that was seen longest ago is forgotten.
struct GreylistEntries {
  let kind: GreylistRow.Kind
  private let capacity: Int
  private(set) var rows: [GreylistKey: GreylistRow] = [:]

  init(_ kind: GreylistRow.Kind, capacity: Int) {
    self.kind = kind
    self.capacity = max(4, capacity)
  }

  subscript(key: GreylistKey) -> GreylistRow? { rows[key] }

  func name(_ key: GreylistKey) -> GreylistRow.Name { GreylistRow.Name(kind, key) }

  /// - Returns: what was forgotten for it.
  /// - Complexity: O(1) on average; O(*n* log *n*) once in *n* / 4 new rows.
  mutating func set(_ row: GreylistRow) -> [GreylistRow.Name] {
    var forgotten: [GreylistRow.Name] = []
    if rows.count >= capacity, rows[row.name.key] == nil {
      let oldest = rows.values.sorted { $0.lastSeen < $1.lastSeen }.prefix(capacity / 4)
      forgotten = oldest.map(\.name)
      for name in forgotten { rows[name.key] = nil }
    }
    rows[row.name.key] = row
    return forgotten
  }

  mutating func remove(_ key: GreylistKey) -> GreylistRow? { rows.removeValue(forKey: key) }

  /// - Returns: those that were last seen before `time`, which are forgotten.
  mutating func removeAll(before time: Timestamp) -> [GreylistRow.Name] {
    let old = rows.values.filter { $0.lastSeen < time }.map(\.name)
    for name in old { rows[name.key] = nil }
    return old
  }
}
