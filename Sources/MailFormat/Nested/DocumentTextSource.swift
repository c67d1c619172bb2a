/// Reads what documents say: files that are neither text nor mail. That is done elsewhere, for no parser of such files is to be
/// trusted with a process that holds others' mail; so it takes its time, and may fail.
package protocol DocumentTextSource: Sendable {
  /// Whether a file that begins so may have text. Quick.
  /// - Parameter beginning: the first kilobyte, or all.
  func recognises(_ beginning: [UInt8]) -> Bool

  /// Blocks.
  /// - Parameter limit: what it may take.
  func read(_ bytes: [UInt8], within limit: Duration) -> DocumentText
}

/// What could be read of a document.
package struct DocumentText: Sendable {
  package enum Extent: Hashable, Sendable {
    case whole
    /// There is more of it than is read.
    case cut
    /// Damaged, or encrypted: there is no text.
    case unread
    /// Not read this time, and perhaps another time: its reader was busy, too slow, or is missing.
    case missed(reason: String)
  }

  /// Lines by LF, without NUL.
  package var text: String
  package var extent: Extent
  /// What it took.
  package var spent: Duration

  package init(text: String, extent: Extent, spent: Duration) {
    self.text = text
    self.extent = extent
    self.spent = spent
  }
}
