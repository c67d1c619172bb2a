import MailFormat
import MailStore
import Query

/// Reads the headers of stored mail, for `header:`.
struct StoredHeaders: Sendable {
  let originals: OriginalStore

  /// As much of a header as a mail is read for when it comes, and the trace before it.
  private static var limit: Int { MailLimits.default.headerByteCount + (64 << 10) }

  /// With the trace that was put before it. Blocks.
  /// - Throws: `StoreError`: `.missingBlob`, `.corrupt`.
  func header(of row: MessageRow) throws -> [HeaderEntry] {
    let original = try originals.beginning(row.original, byteCount: Self.limit)
    return MailParser().headers(Array(row.trace.utf8) + original).map { HeaderEntry(name: $0.name, value: $0.value) }
  }
}
