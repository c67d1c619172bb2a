/// A column of one value per docID, in chunks of 1,024.
///
/// A value type. While a snapshot shares it, changing a value copies one chunk (and the list of chunks), never the
/// column: a commit to a mailbox of 100,000 mails copies 8 KiB, not 800.
struct ChunkedColumn<Value: Sendable & FixedWidthInteger>: Sendable {
  private static var chunkSize: Int { 1_024 }

  /// Chunks that hold no value yet are empty arrays.
  private var chunks: [[Value]] = []

  var byteCount: Int {
    chunks.reduce(chunks.count * 8) { $0 + $1.count * MemoryLayout<Value>.size }
  }

  /// 0 where nothing was set.
  subscript(docID: UInt32) -> Value {
    get {
      let chunk = Int(docID) / Self.chunkSize
      guard chunk < chunks.count, !chunks[chunk].isEmpty else { return 0 }
      return chunks[chunk][Int(docID) % Self.chunkSize]
    }
    set {
      let chunk = Int(docID) / Self.chunkSize
      while chunks.count <= chunk { chunks.append([]) }
      if chunks[chunk].isEmpty { chunks[chunk] = [Value](repeating: 0, count: Self.chunkSize) }
      chunks[chunk][Int(docID) % Self.chunkSize] = newValue
    }
  }

  /// Sets the values of many documents, ascending, chunk by chunk.
  mutating func fill(_ docIDs: [UInt32], _ values: [Value], _ rows: Range<Int>) {
    var row = rows.lowerBound
    while row < rows.upperBound {
      let first = Int(docIDs[row])
      let number = first / Self.chunkSize
      while chunks.count <= number { chunks.append([]) }
      // Taken out, so that it is not copied.
      var chunk: [Value] = []
      swap(&chunk, &chunks[number])
      if chunk.isEmpty { chunk = [Value](repeating: 0, count: Self.chunkSize) }
      let limit = number * Self.chunkSize + Self.chunkSize
      let count = min(rows.upperBound - row, limit - first)
      if Int(docIDs[row + count - 1]) - first == count - 1 {
        // No number is missing, as in most mailboxes.
        Self.copy(values.span.extracting(row..<row + count), into: &chunk, at: first % Self.chunkSize)
        row += count
      } else {
        while row < rows.upperBound, Int(docIDs[row]) < limit {
          chunk[Int(docIDs[row]) % Self.chunkSize] = values[row]
          row += 1
        }
      }
      swap(&chunk, &chunks[number])
    }
  }

  private static func copy(_ values: Span<Value>, into chunk: inout [Value], at start: Int) {
    var target = chunk.mutableSpan
    for index in values.indices { target[start + index] = values[index] }
  }
}
