/// What hits can be counted by, by its name in `facets=`.
package enum SearchFacet: String, Sendable, CaseIterable {
  case from, folder, month, label, type, size
}

/// Which counts a search is asked for.
package struct SearchFacets: Sendable, Equatable {
  package static let usualLimit = 20
  package static let limits = 1...500
  package static let none = SearchFacets(names: [])

  /// Each once.
  package var names: [SearchFacet]
  /// The most values of each.
  package var limit: Int

  package init(names: [SearchFacet], limit: Int = Self.usualLimit) {
    self.names = names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    self.limit = limit
  }

  /// - Returns: what is wrong with the names, as the end of a sentence; `nil` where nothing is.
  package static func complaint(about names: [String]) -> String? {
    guard let unknown = names.first(where: { SearchFacet(rawValue: $0) == nil }) else { return nil }
    let known = SearchFacet.allCases.map(\.rawValue).joined(separator: ", ")
    return "has no \"\(unknown.prefix(100))\" (known are \(known))"
  }

  /// - Parameter names: of which there is no complaint.
  package init(named names: [String], limit: Int?) {
    self.init(names: names.compactMap(SearchFacet.init(rawValue:)), limit: limit ?? Self.usualLimit)
  }
}

/// The counts of one facet.
package struct FacetList: Sendable, Equatable {
  package struct Value: Sendable, Equatable {
    package var value: String
    package var name: String?
    package var count: Int

    package init(value: String, name: String?, count: Int) {
      self.value = value
      self.name = name
      self.count = count
    }
  }

  package var facet: SearchFacet
  /// Most hits first.
  package var values: [Value]
  /// Values that the limit left out.
  package var otherCount: Int

  package init(facet: SearchFacet, values: [Value], otherCount: Int) {
    self.facet = facet
    self.values = values
    self.otherCount = otherCount
  }
}
