/// Cancels what takes longer than it may.
enum TimeLimit {
  /// Returns or throws when `body` has ended: what does not heed its cancellation is waited for.
  /// - Throws: `FilterError.timeout`, or what `body` throws.
  static func run<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: limit)
        return nil
      }
      guard let value = try await group.next() ?? nil else {
        throw FilterError(.timeout, "no answer within \(limit)")
      }
      return value
    }
  }
}
