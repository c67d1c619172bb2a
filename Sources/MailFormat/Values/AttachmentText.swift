/// What a file that came with a mail says.
package struct AttachmentText: Hashable, Sendable {
  /// The file's name, where it has one.
  package var filename: String?
  package var text: String

  package init(filename: String?, text: String) {
    self.filename = filename
    self.text = text
  }
}
