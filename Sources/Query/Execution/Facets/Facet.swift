/// What hits can be counted by. Every value of one can narrow the query, and its count is the total of the narrowed query.
package enum FacetName: String, Sendable, CaseIterable {
  /// The first sender's address, folded; narrowed by `sender:`.
  case from
  /// A folder's id; narrowed by `in:`.
  case folder
  /// `2024-05`, in the user's time zone; narrowed by `on:`.
  case month
  /// Without regard to case; narrowed by `label:`.
  case label
  /// A `FileKind`; narrowed by `has:`.
  case type
  /// A `SizeBucket`; `100K-1M` is narrowed by `larger:100K -larger:1M`.
  case size
}

/// Which facets of a search are wanted.
package struct FacetRequest: Sendable, Hashable {
  package static let none = FacetRequest([])
  package static let usualLimit = 20
  package static let maxLimit = 500

  /// Each once.
  package let names: [FacetName]
  /// Values of each, 1 to `maxLimit`.
  package let limit: Int

  package init(_ names: [FacetName], limit: Int = Self.usualLimit) {
    self.names = names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    self.limit = min(max(limit, 1), Self.maxLimit)
  }
}

package struct FacetValue: Sendable, Hashable {
  package var value: String
  /// What people call it: a folder's name, the display name in the newest of a sender's hits.
  package var name: String?
  package var count: Int

  package init(value: String, name: String? = nil, count: Int) {
    self.value = value
    self.name = name
    self.count = count
  }
}

/// The values of one facet that hits have: most hits first, then by the value's bytes.
package struct FacetCounts: Sendable, Hashable {
  package var name: FacetName
  package var values: [FacetValue]
  /// Values that the limit left out.
  package var otherCount: Int

  package init(name: FacetName, values: [FacetValue], otherCount: Int) {
    self.name = name
    self.values = values
    self.otherCount = otherCount
  }

  /// - Parameter all: in any order, those without hits included.
  init(_ name: FacetName, _ all: [FacetValue], limit: Int) {
    let present = all.filter { $0.count > 0 }.sorted(by: Self.precedes)
    self.init(name: name, values: Array(present.prefix(limit)), otherCount: max(0, present.count - limit))
  }

  private static func precedes(_ left: FacetValue, _ right: FacetValue) -> Bool {
    left.count == right.count ? left.value.utf8.lexicographicallyPrecedes(right.value.utf8) : left.count > right.count
  }
}
