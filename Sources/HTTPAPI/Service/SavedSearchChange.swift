package import Bytes
package import MailStore

/// What a caller wants changed about a saved search; nil leaves a thing as it is.
package struct SavedSearchChange: Sendable, Equatable {
  package var name: String?
  package var query: String?
  package var notifies: Bool?

  package init(name: String? = nil, query: String? = nil, notifies: Bool? = nil) {
    self.name = name
    self.query = query
    self.notifies = notifies
  }
}

/// The search as it is after a write, and the user's sequence that includes it.
package struct SavedSearchWrite: Sendable, Equatable {
  package let search: SavedSearch
  package let sequence: SequenceNumber

  package init(search: SavedSearch, sequence: SequenceNumber) {
    self.search = search
    self.sequence = sequence
  }
}
