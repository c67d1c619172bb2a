/// A header field of the outermost header, in its order: unfolded, encoded words decoded, as people read it.
package struct HeaderField: Hashable, Sendable {
  /// As written: `Subject`, `SUBJECT` or `subject`.
  package var name: String
  package var value: String

  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}
