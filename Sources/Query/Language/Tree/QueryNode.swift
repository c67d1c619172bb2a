package import Index

/// A query as it was understood. Built by `parseQuery` or from JSON; `docs/query-language.md` is the reference.
package indirect enum QueryNode: Hashable, Sendable {
  /// The empty query: everything.
  case all
  case and([QueryNode])
  case or([QueryNode])
  case not(QueryNode)
  /// Words. `field` is nil for a bare word, which covers subject, body, people, file names and attachments' text.
  case text(field: QueryField?, TextQuery)
  /// `in:` with a folder's name or role, as it was typed.
  case folder(String, at: QueryPosition = QueryPosition(0))
  /// `in:anywhere`: spam and trash too.
  case anywhere
  case flag(QueryFlag)
  case label(String, at: QueryPosition = QueryPosition(0))
  case hasAttachment
  /// Some part of the mail is a file of this kind, inline ones included.
  case hasFile(FileKind)
  /// The first sender's address is exactly this, without regard to case.
  case sender(String)
  /// Received before the days begin.
  case before(DateReference)
  /// Received when the days begin, or later.
  case after(DateReference)
  /// Received within the days.
  case on(DateReference)
  /// Received from the first days on, through the last.
  case date(DateRange)
  /// Received longer ago than the age; `newerThan` is all the rest.
  case olderThan(RelativeAge)
  case newerThan(RelativeAge)
  /// More bytes than this, and fewer.
  case larger(UInt64)
  case smaller(UInt64)
  /// `id:`: a message's id as the API shows it, or the Message-ID of its header, without angle brackets.
  case messageID(String)
  /// `thread:`: a thread's id as the API shows it.
  case thread(String)
  /// `header:`: the mail has a header field of this name, with a value that holds the words where some are given.
  case header(HeaderQuery)
}

/// The scopes of words. `to` covers To, Cc and Bcc; `cc` and `bcc` only their own.
package enum QueryField: String, Hashable, Sendable, CaseIterable {
  case subject, from, to, cc, bcc, body, filename
  /// The text within attachments.
  case attachment
  case list
}

package enum QueryFlag: String, Hashable, Sendable, CaseIterable {
  case read, unread, starred, replied
}

/// Words as they were typed, before any analyzer: each field's analyzer decides what they mean in that field.
package struct TextQuery: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case word, phrase, prefix
    /// Inside a word.
    case substring
    /// One edit away at most, and two.
    case fuzzy, fuzzy2
  }

  package var kind: Kind
  /// Without quotes, stars and the tilde. Never empty when it comes from the parser.
  package var text: String
  package var position: QueryPosition
  /// What must stand near by, in the same value of a field.
  package var neighbour: Neighbour?

  package init(
    _ kind: Kind, _ text: String, at position: QueryPosition = QueryPosition(0), near neighbour: Neighbour? = nil
  ) {
    self.kind = kind
    self.text = text
    self.position = position
    self.neighbour = neighbour
  }

  /// `AROUND(n)`: other words, of which the nearest is at most so many words away, before or behind; 1 is next to.
  package struct Neighbour: Hashable, Sendable {
    package static let distances = 1...1_000

    package let distance: Int
    /// One, without a neighbour of its own: a value cannot hold its like.
    private let queries: [TextQuery]

    /// - Parameter distance: of `distances`.
    package init(_ query: TextQuery, within distance: Int) {
      queries = [TextQuery(query.kind, query.text, at: query.position)]
      self.distance = distance
    }

    package var query: TextQuery { queries[0] }
  }
}

extension TextQuery {
  /// The same with a neighbour.
  func around(_ other: TextQuery, within distance: Int) -> TextQuery {
    TextQuery(kind, text, at: position, near: Neighbour(other, within: distance))
  }
}

/// Where a leaf stands in the text that it came from, for errors and warnings: in Unicode scalars, 0 when it came from
/// JSON. No part of what a query is: all positions are equal.
package struct QueryPosition: Hashable, Sendable {
  package let scalars: Int

  package init(_ scalars: Int) { self.scalars = scalars }

  package static func == (left: QueryPosition, right: QueryPosition) -> Bool { true }
  package func hash(into hasher: inout Hasher) {}
}

extension QueryNode {
  /// What bounds the work of a query.
  package enum Limits {
    /// Levels of groups and negations.
    package static let depth = 64
    /// Words and filters.
    package static let clauses = 1_024
    /// Words after analysis: each of a phrase's, each pair of an ideograph run's.
    package static let terms = 1_024
    /// Unicode scalars of the text, and of all words and names of a tree.
    package static let textLength = 65_536
  }

  /// The node's children; a leaf has none.
  package var children: [QueryNode] {
    switch self {
    case .and(let nodes), .or(let nodes): nodes
    case .not(let node): [node]
    default: []
    }
  }

  /// This node and all below it, parents first.
  package func forEachNode(_ body: (QueryNode) -> Void) {
    body(self)
    for child in children { child.forEachNode(body) }
  }

  /// The names given to `in:` anywhere in the query, as they were typed. Spam and trash are left out of an answer
  /// unless one of these (or `in:anywhere`, see `reachesAnywhere`) asks for them.
  package var namedFolders: Set<String> {
    var names: Set<String> = []
    forEachNode { if case .folder(let name, _) = $0 { names.insert(name) } }
    return names
  }

  /// Whether an unquoted word is in it, which may have forms.
  package var hasWords: Bool {
    var found = false
    forEachNode { node in
      if case .text(_, let text) = node, text.kind == .word || text.neighbour?.query.kind == .word { found = true }
    }
    return found
  }

  package var reachesAnywhere: Bool {
    var found = false
    forEachNode { if $0 == .anywhere { found = true } }
    return found
  }

  /// Words and filters that the node itself is, without its children.
  var leafCount: Int {
    if case .text(_, let text) = self, text.neighbour != nil { return 2 }
    return children.isEmpty ? 1 : 0
  }

  /// `in:` with a name.
  init(folder name: String) {
    self = QueryScanner.plain(name).lowercased() == "anywhere" ? .anywhere : .folder(name)
  }

  /// `id:` with a Message-ID, with angle brackets or without.
  init(messageID text: String) {
    var id = Substring(text)
    while id.count > 2, id.hasPrefix("<"), id.hasSuffix(">") { id = id.dropFirst().dropLast() }
    self = .messageID(String(id))
  }

  /// The same leaf, standing at a place of the text.
  func placed(at position: Int) -> QueryNode {
    switch self {
    case .text(let field, let text):
      .text(field: field, TextQuery(text.kind, text.text, at: QueryPosition(position), near: text.neighbour))
    case .folder(let name, _): .folder(name, at: QueryPosition(position))
    case .label(let name, _): .label(name, at: QueryPosition(position))
    default: self
    }
  }

  /// The nodes as one `and` or `or`: a single one stands for itself, nested ones of the same kind are taken in.
  static func conjunction(_ nodes: [QueryNode]) -> QueryNode {
    let flat = nodes.flatMap { node in if case .and(let inner) = node { inner } else { [node] } }
    return flat.count == 1 ? flat[0] : .and(flat)
  }

  static func disjunction(_ nodes: [QueryNode]) -> QueryNode {
    let flat = nodes.flatMap { node in if case .or(let inner) = node { inner } else { [node] } }
    return flat.count == 1 ? flat[0] : .or(flat)
  }
}
