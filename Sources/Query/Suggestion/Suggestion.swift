/// What a query that is being typed may go on with.
package struct Suggestion: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    /// A name with its colon.
    case `operator`
    /// What an operator takes: `unread`, `pdf`, `last week`.
    case value
    /// An address.
    case person
    case folder, label, subject
  }

  package let kind: Kind
  /// What is put in the place of the word being typed, as it is shown to people.
  package let text: String
  /// The whole query with it.
  package let query: String
  /// Of a person, the display name.
  package var name: String?

  package init(_ kind: Kind, _ text: String, query: String, name: String? = nil) {
    self.kind = kind
    self.text = text
    self.query = query
    self.name = name
  }
}
