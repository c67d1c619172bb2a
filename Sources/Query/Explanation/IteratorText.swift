/// Writes a tree of iterators, one on a line: its kind, what it looks up, at how many documents it may stop, and which of
/// several leads.
struct IteratorText {
  /// Children of one iterator that are shown.
  private static let limit = 12

  /// What an iterator looks up, where that is known.
  let name: (DocumentIterator) -> String?

  func lines(_ iterator: DocumentIterator, role: String? = nil, indent: Int = 0) -> [String] {
    let (kind, children) = Self.description(of: iterator)
    var line = String(repeating: "  ", count: indent) + (role.map { $0 + ": " } ?? "") + kind
    if let name = name(iterator) { line += " " + name }
    line += ", \(iterator.cost) documents" + (iterator.isExact ? "" : ", to be checked")
    var lines = [line]
    for child in children.prefix(Self.limit) {
      lines += self.lines(child.iterator, role: child.role, indent: indent + 1)
    }
    if children.count > Self.limit {
      lines.append(String(repeating: "  ", count: indent + 1) + "and \(children.count - Self.limit) more")
    }
    return lines
  }

  private struct Child {
    let iterator: DocumentIterator
    var role: String?
  }

  private static func description(of iterator: DocumentIterator) -> (kind: String, children: [Child]) {
    switch iterator {
    case let intersection as IntersectionIterator:
      ("all of", led(by: intersection.lead, Array(intersection.all.dropFirst())))
    case let union as UnionIterator:
      ("any of", union.heap.sorted { $0.cost > $1.cost }.map { Child(iterator: $0) })
    case let phrase as PhraseIterator:
      ("in their places", phrase.words.sorted { $0.cost < $1.cost }.map { Child(iterator: $0) })
    case let filter as FilterIterator:
      ("filter by \(filter.required.count) sets and without \(filter.excluded.count)", led(by: filter.base))
    case let exclusion as ExclusionIterator:
      ("without", led(by: exclusion.base) + [Child(iterator: exclusion.excluded, role: "without")])
    case let verified as VerifiedIterator: ("verified in the text", led(by: verified.base))
    case is TermIterator: ("postings of", [])
    case is ListIterator: ("list", [])
    case is BitsetIterator: ("bits", [])
    case is SetIterator: ("set", [])
    case is ColumnIterator: ("column", [])
    case is AllIterator: ("all documents", [])
    case is EmptyIterator: ("nothing", [])
    default: ("\(type(of: iterator))", [])
    }
  }

  private static func led(by lead: DocumentIterator, _ others: [DocumentIterator] = []) -> [Child] {
    [Child(iterator: lead, role: "driver")] + others.map { Child(iterator: $0) }
  }
}
