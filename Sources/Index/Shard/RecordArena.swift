import Bytes

/// Text records since the last flush, in memory, found by (user, docID).
struct RecordArena: Sendable {
  private(set) var users: [UserID: UserArena] = [:]
  /// What a flush would write, roughly.
  private(set) var byteCount = 0

  var isEmpty: Bool { users.isEmpty }

  mutating func put(_ user: UserID, _ docID: DocID, _ record: EncodedRecord) {
    byteCount += users[user, default: UserArena()].put(docID, record)
  }

  mutating func remove(_ user: UserID, _ docID: DocID) {
    guard let freed = users[user]?.remove(docID) else { return }
    byteCount -= freed
    if users[user]?.isEmpty == true { users[user] = nil }
  }

  mutating func remove(_ user: UserID) {
    guard let arena = users.removeValue(forKey: user) else { return }
    byteCount -= arena.byteCount
  }
}

/// One user's part of the arena: records ascending by docID, in chunks of 64.
///
/// A value type: a snapshot keeps the version it was made with, and the writer's next record then copies the last chunk
/// only. DocIDs rise with commits, so putting a record is nearly always an append.
struct UserArena: Sendable {
  private static let chunkLimit = 64

  private struct Entry: Sendable {
    var docID: DocID
    var record: EncodedRecord
  }

  /// None is empty.
  private var chunks: [[Entry]] = []
  private(set) var byteCount = 0

  var isEmpty: Bool { chunks.isEmpty }
  var count: Int { chunks.reduce(0) { $0 + $1.count } }

  /// Puts a record, in place of one with the same docID.
  /// - Returns: by how many bytes the arena grew.
  @discardableResult
  mutating func put(_ docID: DocID, _ record: EncodedRecord) -> Int {
    let before = byteCount
    byteCount += record.memoryByteCount
    let entry = Entry(docID: docID, record: record)
    guard let last = chunks.last?.last, last.docID >= docID else {
      if chunks.isEmpty || chunks[chunks.count - 1].count == Self.chunkLimit {
        chunks.append([entry])
      } else {
        chunks[chunks.count - 1].append(entry)
      }
      return byteCount - before
    }
    let (chunk, index) = position(of: docID)
    if chunks[chunk][index].docID == docID {
      byteCount -= chunks[chunk][index].record.memoryByteCount
      chunks[chunk][index] = entry
    } else {
      chunks[chunk].insert(entry, at: index)
    }
    return byteCount - before
  }

  /// - Returns: the bytes given back; `nil` where there is no such record.
  mutating func remove(_ docID: DocID) -> Int? {
    let (chunk, index) = position(of: docID)
    guard chunk < chunks.count, chunks[chunk][index].docID == docID else { return nil }
    let freed = chunks[chunk].remove(at: index).record.memoryByteCount
    if chunks[chunk].isEmpty { chunks.remove(at: chunk) }
    byteCount -= freed
    return freed
  }

  func record(_ docID: DocID) -> EncodedRecord? {
    let (chunk, index) = position(of: docID)
    guard chunk < chunks.count, chunks[chunk][index].docID == docID else { return nil }
    return chunks[chunk][index].record
  }

  /// Calls `body` with each document whose record may hold the term, ascending.
  func forEach(holding termHash: UInt32, _ body: (DocID) -> Void) {
    for chunk in chunks {
      for index in chunk.indices where chunk[index].record.mayContain(termHash) { body(chunk[index].docID) }
    }
  }

  /// Calls `body` with each document in whose record a term may begin with one of these.
  func forEach(beginningWith beginnings: [[UInt8]], _ body: (DocID) -> Void) {
    for chunk in chunks {
      for entry in chunk where beginnings.contains(where: { entry.record.beginnings?.mayContain($0) ?? true }) {
        body(entry.docID)
      }
    }
  }

  /// Ascending by docID.
  func forEach<Failure: Error>(_ body: (DocID, EncodedRecord) throws(Failure) -> Void) throws(Failure) {
    for chunk in chunks {
      for entry in chunk { try body(entry.docID, entry.record) }
    }
  }

  /// The first entry at or after `docID`.
  private func position(of docID: DocID) -> (chunk: Int, index: Int) {
    var low = 0
    var high = chunks.count
    while low < high {
      let middle = (low + high) / 2
      if chunks[middle][chunks[middle].count - 1].docID < docID { low = middle + 1 } else { high = middle }
    }
    guard low < chunks.count else { return (low, 0) }
    return (low, chunks[low].firstIndex { $0.docID >= docID } ?? 0)
  }
}

extension EncodedRecord {
  fileprivate var memoryByteCount: Int {
    frame.count + termHashes.count * 4 + (beginnings == nil ? 0 : BeginningSet.memoryByteCount)
  }

  /// Exact for a term's whole hash; the term itself must still be compared.
  func mayContain(_ termHash: UInt32) -> Bool {
    SortedHashes.index(of: termHash, in: termHashes.span, bits: 32) != nil
  }
}
