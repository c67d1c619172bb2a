/// A document among the attachments that was not read this time, and may be read another time.
package struct MissedDocument: Hashable, Sendable {
  /// The file's name, where it has one.
  package var filename: String?
  /// Of its text among the attachments' texts, which lack it: that of the text before which it would stand.
  package var position: Int
  /// What kept it from being read, as its source names it.
  package var reason: String

  package init(filename: String?, position: Int, reason: String) {
    self.filename = filename
    self.position = position
    self.reason = reason
  }
}
