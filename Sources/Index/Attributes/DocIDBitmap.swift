package import Bytes

/// A set of docIDs in Roaring's shape: one container for each 65,536 values that occur (see `BitmapContainer`).
///
/// A value type: a copy shares its containers until one side changes, and then only the changed container (at most
/// 8 KiB) is copied. That is how a published snapshot and the writer's next version live side by side.
package struct DocIDBitmap: Sendable, Equatable {
  /// The high halves of the values, ascending; `containers` runs beside it and holds no empty container.
  private(set) var keys: [UInt16] = []
  private(set) var containers: [BitmapContainer] = []

  package init() {}

  package init(_ docIDs: some Sequence<DocID>) {
    for docID in docIDs { insert(docID) }
  }

  package var isEmpty: Bool { containers.isEmpty }
  package var count: Int { containers.reduce(0) { $0 + $1.count } }
  /// What the set takes in memory, roughly.
  package var byteCount: Int { containers.reduce(keys.count * 32) { $0 + $1.byteCount } }

  package func contains(_ docID: DocID) -> Bool {
    guard let index = index(of: UInt16(docID.rawValue >> 16)) else { return false }
    return containers[index].contains(UInt16(truncatingIfNeeded: docID.rawValue))
  }

  /// The container under a key; `nil` where it would be empty.
  func container(_ key: UInt16) -> BitmapContainer? { index(of: key).map { containers[$0] } }

  /// - Returns: whether the docID is new.
  @discardableResult
  package mutating func insert(_ docID: DocID) -> Bool {
    let key = UInt16(docID.rawValue >> 16)
    let index = lowerBound(key)
    if index == keys.count || keys[index] != key {
      keys.insert(key, at: index)
      containers.insert(BitmapContainer(), at: index)
    }
    return containers[index].insert(UInt16(truncatingIfNeeded: docID.rawValue))
  }

  /// - Returns: whether the docID was there.
  @discardableResult
  package mutating func remove(_ docID: DocID) -> Bool {
    guard let index = index(of: UInt16(docID.rawValue >> 16)) else { return false }
    guard containers[index].remove(UInt16(truncatingIfNeeded: docID.rawValue)) else { return false }
    if containers[index].count == 0 {
      keys.remove(at: index)
      containers.remove(at: index)
    }
    return true
  }

  package mutating func set(_ docID: DocID, _ isMember: Bool) {
    if isMember { insert(docID) } else { remove(docID) }
  }

  package var first: DocID? { first(notBelow: DocID(rawValue: 0)) }

  package var last: DocID? {
    guard let key = keys.last, let value = containers.last?.last else { return nil }
    return DocID(rawValue: UInt32(key) << 16 | UInt32(value))
  }

  /// The least docID that is not below the given one.
  func first(notBelow docID: DocID) -> DocID? {
    let key = UInt16(docID.rawValue >> 16)
    var index = lowerBound(key)
    if index < keys.count, keys[index] == key {
      if let value = containers[index].first(notBelow: UInt16(truncatingIfNeeded: docID.rawValue)) {
        return DocID(rawValue: UInt32(key) << 16 | UInt32(value))
      }
      index += 1
    }
    guard index < keys.count, let value = containers[index].first(notBelow: 0) else { return nil }
    return DocID(rawValue: UInt32(keys[index]) << 16 | UInt32(value))
  }

  /// Ascending.
  package func forEach(_ body: (DocID) throws -> Void) rethrows {
    for (key, container) in zip(keys, containers) {
      let high = UInt32(key) << 16
      try container.forEach { try body(DocID(rawValue: high | UInt32($0))) }
    }
  }

  /// Ascending.
  package var docIDs: [DocID] {
    var list: [DocID] = []
    list.reserveCapacity(count)
    forEach { list.append($0) }
    return list
  }

  /// Ascending, as bare numbers.
  var rawValues: [UInt32] {
    var list: [UInt32] = []
    list.reserveCapacity(count)
    for (key, container) in zip(keys, containers) {
      let high = UInt32(key) << 16
      container.forEach { list.append(high | UInt32($0)) }
    }
    return list
  }

  private func lowerBound(_ key: UInt16) -> Int {
    // Docs arrive in docID order: the last container is asked for most.
    if let last = keys.last, last < key { return keys.count }
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func index(of key: UInt16) -> Int? {
    let index = lowerBound(key)
    return index < keys.count && keys[index] == key ? index : nil
  }
}

// MARK: - Set algebra

extension DocIDBitmap {
  package func union(_ other: DocIDBitmap) -> DocIDBitmap {
    combine(other, keepsLeft: true, keepsRight: true) { $0.union($1) }
  }

  package func intersection(_ other: DocIDBitmap) -> DocIDBitmap {
    combine(other, keepsLeft: false, keepsRight: false) { $0.intersection($1) }
  }

  package func subtracting(_ other: DocIDBitmap) -> DocIDBitmap {
    combine(other, keepsLeft: true, keepsRight: false) { $0.subtracting($1) }
  }

  package mutating func formUnion(_ other: DocIDBitmap) { self = union(other) }

  /// Walks both key lists; containers under a key of one side only are kept or dropped as told, shared, not copied.
  private func combine(
    _ other: DocIDBitmap, keepsLeft: Bool, keepsRight: Bool,
    _ both: (BitmapContainer, BitmapContainer) -> BitmapContainer
  ) -> DocIDBitmap {
    var result = DocIDBitmap()
    var left = 0
    var right = 0
    while left < keys.count || right < other.keys.count {
      if right == other.keys.count || (left < keys.count && keys[left] < other.keys[right]) {
        if keepsLeft { result.append(keys[left], containers[left]) }
        left += 1
      } else if left == keys.count || other.keys[right] < keys[left] {
        if keepsRight { result.append(other.keys[right], other.containers[right]) }
        right += 1
      } else {
        result.append(keys[left], both(containers[left], other.containers[right]))
        left += 1
        right += 1
      }
    }
    return result
  }

  /// The key is above all others.
  mutating func append(_ key: UInt16, _ container: BitmapContainer) {
    if container.count == 0 { return }
    keys.append(key)
    containers.append(container)
  }
}
