/// What a query that is being typed may go on with.
package struct SearchSuggestion: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case `operator`, value, person, folder, label, subject
  }

  package static let limits = 1...50
  package static let usualLimit = 8

  package var kind: Kind
  /// What takes the place of the word being typed.
  package var text: String
  /// The whole query with it.
  package var query: String
  /// Of a person, the display name.
  package var name: String?

  package init(kind: Kind, text: String, query: String, name: String? = nil) {
    self.kind = kind
    self.text = text
    self.query = query
    self.name = name
  }
}
