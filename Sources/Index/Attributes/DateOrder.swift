import Bytes

/// The documents of a user ordered by `DocumentKey`, oldest first, in chunks of at most 512.
///
/// A value type like `ChunkedColumn`: an insertion copies at most one chunk of 2 KiB. Only docIDs are kept; the dates
/// they are compared by lie in the column beside it, so every call that compares is given that column. New mail is
/// nearly always the newest, so insertions are nearly always appends.
struct DateOrder: Sendable {
  static let chunkLimit = 512

  /// None is empty.
  private(set) var chunks: [[UInt32]] = []
  private(set) var count = 0

  var byteCount: Int { count * 4 + chunks.count * 40 }

  /// - Parameter docIDs: ascending.
  /// - Complexity: O(n log n); O(n) where the order is that of the dates, or nearly.
  init(_ docIDs: [UInt32] = [], dates: ChunkedColumn<Int64>) {
    let sorted = Self.sorted(docIDs, dates)
    // Three quarters full, so that late arrivals do not split every chunk.
    let fill = Self.chunkLimit * 3 / 4
    for start in stride(from: 0, to: sorted.count, by: fill) {
      chunks.append(Array(sorted[start..<min(start + fill, sorted.count)]))
    }
    count = sorted.count
  }

  /// Those in order stay where they are: only the others are sorted, and merged with them.
  private static func sorted(_ docIDs: [UInt32], _ dates: ChunkedColumn<Int64>) -> [UInt32] {
    var last = Int64.min
    let isOrdered = docIDs.allSatisfy { docID in
      let before = last
      last = dates[docID]
      return before <= last
    }
    if isOrdered { return docIDs }
    var inOrder: [Dated] = []
    inOrder.reserveCapacity(docIDs.count)
    var others: [Dated] = []
    for docID in docIDs {
      let key = Dated(date: dates[docID], docID: docID)
      // One from the future would put all after it out of order: it goes to the others itself.
      while let last = inOrder.last, key < last, inOrder.count < 2 || inOrder[inOrder.count - 2] < key {
        others.append(inOrder.removeLast())
      }
      if let last = inOrder.last, key < last { others.append(key) } else { inOrder.append(key) }
    }
    others.sort()
    var merged: [UInt32] = []
    merged.reserveCapacity(docIDs.count)
    var next = 0
    for key in inOrder {
      while next < others.count, others[next] < key {
        merged.append(others[next].docID)
        next += 1
      }
      merged.append(key.docID)
    }
    return merged + others[next...].map(\.docID)
  }

  /// A `DocumentKey` as bare numbers, which are compared without a call: a mailbox imported folder by folder is sorted as
  /// a whole.
  private struct Dated: Comparable {
    let date: Int64
    let docID: UInt32

    static func < (left: Dated, right: Dated) -> Bool {
      left.date == right.date ? left.docID < right.docID : left.date < right.date
    }
  }

  /// The document must not be in the order yet.
  mutating func insert(_ docID: UInt32, dates: ChunkedColumn<Int64>) {
    let key = Self.key(docID, dates)
    count += 1
    if chunks.isEmpty { return chunks.append([docID]) }
    var place = position(of: key, dates: dates)
    if place.chunk == chunks.count {
      place = DatePosition(chunk: chunks.count - 1, index: chunks[chunks.count - 1].count)
    }
    guard chunks[place.chunk].count == Self.chunkLimit else {
      return chunks[place.chunk].insert(docID, at: place.index)
    }
    if place.chunk == chunks.count - 1 && place.index == Self.chunkLimit { return chunks.append([docID]) }
    let tail = Array(chunks[place.chunk][(Self.chunkLimit / 2)...])
    chunks[place.chunk].removeLast(tail.count)
    chunks.insert(tail, at: place.chunk + 1)
    if place.index <= Self.chunkLimit / 2 {
      chunks[place.chunk].insert(docID, at: place.index)
    } else {
      chunks[place.chunk + 1].insert(docID, at: place.index - Self.chunkLimit / 2)
    }
  }

  /// The date column must still hold the document's date.
  mutating func remove(_ docID: UInt32, dates: ChunkedColumn<Int64>) {
    let place = position(of: Self.key(docID, dates), dates: dates)
    guard place.chunk < chunks.count, chunks[place.chunk][place.index] == docID else { return }
    chunks[place.chunk].remove(at: place.index)
    if chunks[place.chunk].isEmpty { chunks.remove(at: place.chunk) }
    count -= 1
  }

  var end: DatePosition { DatePosition(chunk: chunks.count, index: 0) }

  /// Where the first document at or after `key` stands, `end` where there is none.
  /// - Complexity: O(log n).
  func position(of key: DocumentKey, dates: ChunkedColumn<Int64>) -> DatePosition {
    var low = 0
    var high = chunks.count
    while low < high {
      let middle = (low + high) / 2
      if Self.key(chunks[middle][chunks[middle].count - 1], dates) < key { low = middle + 1 } else { high = middle }
    }
    guard low < chunks.count else { return end }
    let chunk = chunks[low]
    var first = 0
    var last = chunk.count
    while first < last {
      let middle = (first + last) / 2
      if Self.key(chunk[middle], dates) < key { first = middle + 1 } else { last = middle }
    }
    return DatePosition(chunk: low, index: first)
  }

  private static func key(_ docID: UInt32, _ dates: ChunkedColumn<Int64>) -> DocumentKey {
    DocumentKey(receivedAt: Timestamp(rawValue: dates[docID]), docID: DocID(rawValue: docID))
  }
}

/// A place in a `DateOrder`, valid for that version of it only.
package struct DatePosition: Hashable, Sendable, Comparable {
  let chunk: Int
  let index: Int

  package static func < (left: Self, right: Self) -> Bool {
    left.chunk == right.chunk ? left.index < right.index : left.chunk < right.chunk
  }
}
