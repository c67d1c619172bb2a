import Bytes
import GRDB

/// Statements that look up some numbers of a user at once: a page's rows cost one statement, not one each.
extension MetadataReader {
  private static let batchCount = 32

  /// For the end of a statement that `forEachRow` runs: `(?, ?, …)`.
  static let places = "(" + repeatElement("?", count: batchCount).joined(separator: ", ") + ")"

  /// Calls `body` with each row that is found, in no order.
  /// - Parameter sql: asks for a user, and then for numbers in `places`.
  func forEachRow(_ sql: String, of user: UserID, numbered numbers: [UInt32], _ body: (Row) throws -> Void) throws {
    for start in stride(from: 0, to: numbers.count, by: Self.batchCount) {
      let batch = numbers[start..<min(numbers.count, start + Self.batchCount)]
      // Filled up with a number that is asked for anyhow, so that one prepared statement serves every count.
      let padding = repeatElement(numbers[start], count: Self.batchCount - batch.count)
      let arguments = StatementArguments([user.rawValue] + batch + padding)
      let rows = try Row.fetchCursor(try database.cachedStatement(sql: sql), arguments: arguments)
      while let row = try rows.next() { try body(row) }
    }
  }
}
