/// Wants the terms that hold a part: how much of it the bytes read end with (Knuth, Morris, Pratt, "Fast pattern matching in
/// strings", 1977), with every step in a table.
package struct PartAutomaton: TermAutomaton {
  /// Bytes of the part that stand at the end of what was read; all of them once they stood somewhere.
  package typealias State = Int

  private let end: Int
  /// Which column of the table a byte has: 0 for those that are not in the part.
  private let columns: [UInt8]
  private let columnCount: Int
  /// By state and column.
  private let steps: [Int32]

  /// - Parameter part: of one byte or more; nothing holds an empty one.
  package init(_ part: [UInt8]) {
    var columns = [UInt8](repeating: 0, count: 256)
    var columnCount = 1
    for byte in part where columns[Int(byte)] == 0 {
      columns[Int(byte)] = UInt8(columnCount)
      columnCount += 1
    }
    var steps = [Int32](repeating: 0, count: (part.count + 1) * columnCount)
    // The state in which what was read of the part would be without its first byte.
    var border = 0
    for state in part.indices {
      let column = Int(columns[Int(part[state])])
      if state > 0 {
        for other in 0..<columnCount { steps[state * columnCount + other] = steps[border * columnCount + other] }
      }
      let next = Int(steps[border * columnCount + column])
      steps[state * columnCount + column] = Int32(state + 1)
      if state > 0 { border = next }
    }
    for column in 0..<columnCount { steps[part.count * columnCount + column] = Int32(part.count) }
    end = part.isEmpty ? -1 : part.count
    self.columns = columns
    self.columnCount = columnCount
    self.steps = steps
  }

  package var start: State { 0 }

  package func state(after byte: UInt8, from state: State) -> State {
    Int(steps[state * columnCount + Int(columns[Int(byte)])])
  }

  package func isAccepting(_ state: State) -> Bool { state == end }
  package func isDead(_ state: State) -> Bool { false }

  package func nextByte(above byte: UInt8, from state: State) -> UInt8? { byte < .max ? byte + 1 : nil }
}
