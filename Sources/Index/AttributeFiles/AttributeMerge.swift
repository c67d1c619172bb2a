import Bytes

/// Walks several parts of one user at once, ascending by docID; of the same document the newest part counts. Takes the memory
/// of one block for each part.
struct AttributeMerge {
  private struct Cursor {
    var part: AttributePartReader
    var block = AttributeBlock()
    var row = 0

    var docID: UInt32? { row < block.count ? block.docIDs[row] : nil }

    mutating func fill() throws {
      while row == block.count {
        guard let next = try part.next() else { return }
        block = next
        row = 0
      }
    }
  }

  private var cursors: [Cursor]

  /// - Parameter parts: oldest first.
  init(_ parts: [AttributePartReader]) throws {
    cursors = parts.map { Cursor(part: $0) }
    for index in cursors.indices { try cursors[index].fill() }
  }

  /// The next rows that count: neighbours in one block, as many as no other part comes between. `nil` at the end.
  mutating func next() throws -> (block: AttributeBlock, rows: Range<Int>)? {
    guard let docID = cursors.compactMap(\.docID).min(), let winner = cursors.lastIndex(where: { $0.docID == docID })
    else { return nil }
    var limit: UInt32?
    for index in cursors.indices where index != winner {
      if cursors[index].docID == docID {
        cursors[index].row += 1
        try cursors[index].fill()
      }
      if let other = cursors[index].docID { limit = min(other, limit ?? other) }
    }
    let (block, start) = (cursors[winner].block, cursors[winner].row)
    let end = limit.map { block.firstRow(notBelow: $0, from: start + 1) } ?? block.count
    cursors[winner].row = end
    try cursors[winner].fill()
    return (block, start..<end)
  }
}
