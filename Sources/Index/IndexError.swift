import Bytes

/// What went wrong in the index, in the few kinds a caller acts on differently.
package struct IndexError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: Sendable, Equatable {
    /// The disk is full; nothing was lost, the same call may succeed when space returns.
    case noSpace
    /// A write or sync failed, or an earlier one did: this index writes no more until it is opened again.
    case stopped
    /// Bytes on disk are not what was written. `reindex` rebuilds them.
    case corrupt
    /// A file of an earlier version, which is not read but made anew.
    case outdated
    /// A live document has no text record: `reindex`, or give it one again by `IndexMutation.replaceRecord`.
    case missingRecord
    /// The reindex cannot go on: what it was building on changed, or its result differs from the metadata.
    case shadowInvalid
    /// Another reindex of this shard is under way; wait for its end.
    case busy
    case failed
  }

  package let code: Code
  package let message: String

  package init(code: Code, message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }

  static func corrupt(_ file: String, at offset: UInt64, _ message: String) -> IndexError {
    IndexError(code: .corrupt, message: "\(file): at byte \(offset): \(message)")
  }

  /// Runs a decoder, and names the file where it refuses its bytes.
  /// - Parameter offset: where the bytes begin in the file.
  static func naming<Value>(
    _ file: String, at offset: UInt64, _ body: () throws(DecodingError) -> Value
  ) throws(IndexError) -> Value {
    do {
      return try body()
    } catch {
      throw corrupt(file, at: offset + UInt64(error.offset), error.message)
    }
  }
}
