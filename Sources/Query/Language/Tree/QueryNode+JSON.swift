import Index

/// A query as JSON: an object with one key that says what it is, and for words `field` beside it.
///
///     {"all": true}                              {"and": [A, B]}   {"or": [A, B]}   {"not": A}
///     {"word": "budget", "field": "subject"}     {"phrase": "q3 plan"}     {"prefix": "bud"}
///     {"substring": "udge"}                      {"fuzzy": "budgte"}       {"fuzzy": "bugdte", "distance": 2}
///     {"around": 5, "of": [{"word": "budget"}, {"phrase": "q3 plan"}], "field": "subject"}
///     {"in": "inbox"}   {"anywhere": true}   {"is": "unread"}   {"label": "work"}   {"has": "attachment"}
///     {"has": "pdf"}    {"sender": "alice@example.com"}
///     {"before": "2024-05-01"}   {"after": "last monday"}   {"on": "2024"}   {"date": "2024-01..2024-03"}
///     {"older_than": "3d"}   {"newer_than": "2w"}
///     {"larger": 5242880}   {"smaller": 20480}   {"id": "a@example.com"}   {"thread": "…"}
///     {"header": "x-mailer"}   {"header": "x-mailer:outlook express"}
///
/// Decoding accepts exactly what encoding writes; unknown keys, and deeper trees, more clauses and more characters than a
/// text may have, are errors.
extension QueryNode: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case all, and, or, not, word, phrase, prefix, substring, fuzzy, field, distance, around, of
    case folder = "in"
    case anywhere
    case flag = "is"
    case label, has, sender, before, after, on, date
    case olderThan = "older_than"
    case newerThan = "newer_than"
    case larger, smaller, id, thread, header
  }

  package func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    switch self {
    case .all: try object.encode(true, forKey: .all)
    case .and(let nodes): try object.encode(nodes, forKey: .and)
    case .or(let nodes): try object.encode(nodes, forKey: .or)
    case .not(let node): try object.encode(node, forKey: .not)
    case .text(let field, let query) where query.neighbour != nil:
      var first = query
      first.neighbour = nil
      try object.encode(query.neighbour?.distance, forKey: .around)
      try object.encode(
        [first, query.neighbour?.query].compactMap { $0 }.map { QueryNode.text(field: nil, $0) }, forKey: .of)
      try object.encodeIfPresent(field?.rawValue, forKey: .field)
    case .text(let field, let query):
      try object.encode(query.text, forKey: Self.key(of: query.kind))
      if query.kind == .fuzzy2 { try object.encode(2, forKey: .distance) }
      try object.encodeIfPresent(field?.rawValue, forKey: .field)
    case .folder(let name, _): try object.encode(name, forKey: .folder)
    case .anywhere: try object.encode(true, forKey: .anywhere)
    case .flag(let flag): try object.encode(flag.rawValue, forKey: .flag)
    case .label(let label, _): try object.encode(label, forKey: .label)
    case .hasAttachment: try object.encode("attachment", forKey: .has)
    case .hasFile(let kind): try object.encode(kind.name, forKey: .has)
    case .sender(let address): try object.encode(address, forKey: .sender)
    case .before(let date): try object.encode(date.description, forKey: .before)
    case .after(let date): try object.encode(date.description, forKey: .after)
    case .on(let date): try object.encode(date.description, forKey: .on)
    case .date(let range): try object.encode(range.description, forKey: .date)
    case .olderThan(let age): try object.encode(age.description, forKey: .olderThan)
    case .newerThan(let age): try object.encode(age.description, forKey: .newerThan)
    case .larger(let byteCount): try object.encode(byteCount, forKey: .larger)
    case .smaller(let byteCount): try object.encode(byteCount, forKey: .smaller)
    case .messageID(let id): try object.encode(id, forKey: .id)
    case .thread(let id): try object.encode(id, forKey: .thread)
    case .header(let header): try object.encode(header.description, forKey: .header)
    }
  }

  private static func key(of kind: TextQuery.Kind) -> Key {
    switch kind {
    case .word: .word
    case .phrase: .phrase
    case .prefix: .prefix
    case .substring: .substring
    case .fuzzy, .fuzzy2: .fuzzy
    }
  }

  /// - Throws: `DecodingError` whose description says what is wrong, also above `Limits`.
  package init(from decoder: any Decoder) throws {
    // Every level of the tree adds at most two steps to the path: a key and an index.
    guard decoder.codingPath.count <= 2 * (Limits.depth + 1) else {
      throw Self.failure(decoder, "a query may be nested \(Limits.depth) levels deep at most")
    }
    let object = try decoder.container(keyedBy: Key.self)
    try Self.refuseUnknownKeys(decoder)
    let keys = object.allKeys.filter { $0 != .field && $0 != .distance && $0 != .of }
    guard keys.count == 1, let key = keys.first else {
      throw Self.failure(decoder, "each object needs exactly one of \(Self.keyNames)")
    }
    if object.contains(.field), ![.word, .phrase, .prefix, .substring, .fuzzy, .around].contains(key) {
      throw Self.failure(decoder, "field belongs to word, phrase, prefix, substring, fuzzy or around")
    }
    if object.contains(.of), key != .around { throw Self.failure(decoder, "of belongs to around") }
    if object.contains(.distance), key != .fuzzy { throw Self.failure(decoder, "distance belongs to fuzzy") }
    self = try Self.decode(key, object, decoder)
    if clauseCount > Limits.clauses {
      throw Self.failure(decoder, "a query may have at most \(Limits.clauses) words and filters")
    }
    if textLength > Limits.textLength {
      throw Self.failure(decoder, "the words and names of a query may have at most \(Limits.textLength) characters")
    }
  }

  private static func decode(
    _ key: Key, _ object: KeyedDecodingContainer<Key>, _ decoder: any Decoder
  ) throws -> QueryNode {
    func text() throws -> String {
      let text = try object.decode(String.self, forKey: key)
      guard text.unicodeScalars.contains(where: { !QueryScanner.isBlank($0) }) else {
        throw failure(decoder, "\(key.rawValue) must not be empty")
      }
      return text
    }
    func value<Value>(_ make: (String) -> Value?) throws -> Value {
      let text = try text()
      guard let value = make(text) else { throw failure(decoder, "\(key.rawValue) cannot be \"\(text)\"") }
      return value
    }
    func nodes() throws -> [QueryNode] {
      let nodes = try object.decode([QueryNode].self, forKey: key)
      guard nodes.count > 1 else { throw failure(decoder, "\(key.rawValue) needs two or more") }
      return nodes
    }
    func yes(_ node: QueryNode) throws -> QueryNode {
      guard try object.decode(Bool.self, forKey: key) else {
        throw failure(decoder, "\(key.rawValue) can only be true")
      }
      return node
    }
    func field() throws -> QueryField? {
      let name = try object.decodeIfPresent(String.self, forKey: .field)
      let field = name.flatMap(QueryField.init(rawValue:))
      if let name, field == nil { throw failure(decoder, "there is no field \"\(name)\"") }
      return field
    }
    func words(_ kind: TextQuery.Kind) throws -> QueryNode { .text(field: try field(), TextQuery(kind, try text())) }
    switch key {
    case .all: return try yes(.all)
    // What a text can only give as one group is one group here too.
    case .and: return .conjunction(try nodes())
    case .or: return .disjunction(try nodes())
    case .not: return .not(try object.decode(QueryNode.self, forKey: key))
    case .word: return try words(.word)
    case .phrase: return try words(.phrase)
    case .prefix: return try words(.prefix)
    case .substring:
      let text = try text()
      if text.contains(where: \.isWhitespace) { throw failure(decoder, "substring is a part of one word") }
      return try words(.substring)
    case .fuzzy:
      switch try object.decodeIfPresent(Int.self, forKey: .distance) {
      case nil, 1: return try words(.fuzzy)
      case 2: return try words(.fuzzy2)
      case let distance?: throw failure(decoder, "distance is 1 or 2, not \(distance)")
      }
    case .around:
      let nodes = try object.decode([QueryNode].self, forKey: .of)
      let distance = try object.decode(Int.self, forKey: .around)
      guard TextQuery.Neighbour.distances.contains(distance) else {
        throw failure(decoder, "around is 1 to 1000, not \(distance)")
      }
      guard nodes.count == 2, case .text(nil, let first) = nodes[0], case .text(nil, let second) = nodes[1],
        first.neighbour == nil, second.neighbour == nil
      else { throw failure(decoder, "of needs two of word, phrase, prefix, substring and fuzzy, without a field") }
      return .text(field: try field(), first.around(second, within: distance))
    case .field, .distance, .of: throw failure(decoder, "each object needs exactly one of \(keyNames)")
    case .folder: return QueryNode(folder: try text())
    case .anywhere: return try yes(.anywhere)
    case .flag: return .flag(try value(QueryFlag.init(rawValue:)))
    case .label: return .label(try text())
    case .has: return try value { $0 == "attachment" ? .hasAttachment : FileKind(name: $0).map(QueryNode.hasFile) }
    case .sender: return .sender(try text())
    case .before: return .before(try value(DateReference.init))
    case .after: return .after(try value(DateReference.init))
    case .on: return .on(try value(DateReference.init))
    case .date: return .date(try value(DateRange.init))
    case .olderThan: return .olderThan(try value(RelativeAge.init))
    case .newerThan: return .newerThan(try value(RelativeAge.init))
    case .larger: return .larger(try object.decode(UInt64.self, forKey: key))
    case .smaller: return .smaller(try object.decode(UInt64.self, forKey: key))
    case .id: return QueryNode(messageID: try text())
    case .thread: return .thread(try text())
    case .header: return .header(try value(HeaderQuery.init))
    }
  }

  // MARK: Refusals

  /// Any key at all, so that those which `Key` does not know are seen.
  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private static func refuseUnknownKeys(_ decoder: any Decoder) throws {
    let names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
    if let unknown = names.sorted().first(where: { Key(rawValue: $0) == nil }) {
      throw failure(decoder, "unknown key \"\(unknown)\", known are \(keyNames)")
    }
  }

  private static let keyNames = Key.allCases.map(\.rawValue).joined(separator: ", ")

  private static func failure(_ decoder: any Decoder, _ message: String) -> DecodingError {
    .dataCorrupted(DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "query: " + message))
  }

  /// Words and filters of the tree.
  private var clauseCount: Int {
    var count = 0
    forEachNode { count += $0.leafCount }
    return count
  }

  /// Unicode scalars of all words and names.
  private var textLength: Int {
    var length = 0
    forEachNode { node in
      switch node {
      case .text(_, let query):
        length += query.text.unicodeScalars.count + (query.neighbour?.query.text.unicodeScalars.count ?? 0)
      case .folder(let name, _), .label(let name, _), .messageID(let name), .thread(let name),
        .sender(let name):
        length += name.unicodeScalars.count
      case .header(let header): length += header.description.unicodeScalars.count
      default: break
      }
    }
    return length
  }
}
