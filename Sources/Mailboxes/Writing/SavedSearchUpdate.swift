import MailStore

/// What a caller wants changed about a saved search; `nil` leaves a thing as it is.
package struct SavedSearchUpdate: Sendable, Equatable {
  package var name: String?
  package var query: String?
  package var notifies: Bool?

  package init(name: String? = nil, query: String? = nil, notifies: Bool? = nil) {
    self.name = name
    self.query = query
    self.notifies = notifies
  }

  /// The search as it would be after the update, but for its time.
  func applied(to search: SavedSearch) -> SavedSearch {
    var search = search
    if let name { search.name = name }
    if let query { search.query = query }
    if let notifies { search.notifies = notifies }
    return search
  }
}
