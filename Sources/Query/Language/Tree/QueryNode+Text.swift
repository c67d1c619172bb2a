import Index

extension QueryNode {
  /// The tree in the query language: parsing it gives the tree again, unless the backslashes that it needs make it longer than a
  /// query may be.
  package var text: String {
    switch self {
    case .all: "*"
    case .and(let nodes): nodes.map { $0.grouped(when: $0.isDisjunction) }.joined(separator: " ")
    case .or(let nodes): nodes.map(\.text).joined(separator: " OR ")
    case .not(let node): "-" + node.grouped(when: !node.children.isEmpty)
    case .text(let field, let query):
      (field.map { $0.rawValue + ":" } ?? "")
        + (field != nil && query.neighbour != nil ? "(\(query.typed))" : query.typed)
    case .folder(let name, _): "in:" + Self.name(name)
    case .anywhere: "in:anywhere"
    case .flag(let flag): "is:" + flag.rawValue
    case .label(let label, _): "label:" + Self.name(label)
    case .hasAttachment: "has:attachment"
    case .hasFile(let kind): "has:" + kind.name
    case .sender(let address): "sender:" + Self.name(address)
    case .before(let date): "before:" + Self.date(date)
    case .after(let date): "after:" + Self.date(date)
    case .on(let date): "on:" + Self.date(date)
    case .date(let range): "date:" + Self.date(range)
    case .olderThan(let age): "older_than:\(age)"
    case .newerThan(let age): "newer_than:\(age)"
    case .larger(let byteCount): "larger:\(byteCount)"
    case .smaller(let byteCount): "smaller:\(byteCount)"
    case .messageID(let id): "id:" + Self.name(id)
    case .thread(let id): "thread:" + Self.name(id)
    case .header(let header): "header:" + Self.name(header.description)
    }
  }

  private var isDisjunction: Bool { if case .or = self { true } else { false } }

  private func grouped(when isNeeded: Bool) -> String {
    if case .not = self { return text }
    return isNeeded ? "(\(text))" : text
  }

  /// A name as the value of an operator: in quotes where it would be taken for something else.
  static func name(_ text: String) -> String {
    let scalars = text.unicodeScalars.map(QueryScanner.plain)
    let isWord = scalars.first != "-" && !scalars.contains { QueryScanner.endsWord($0) || $0 == "\\" }
    return isWord ? text : quoted(text)
  }

  /// In quotes where the words behind it could be taken for a part of it: `on:may 5`.
  private static func date(_ date: DateReference) -> String {
    if case .month = date { quoted(date.description) } else { name(date.description) }
  }

  private static func date(_ range: DateRange) -> String {
    if case .period(let last) = range.last, last.month != nil {
      name(range.description)
    } else {
      quoted(range.description)
    }
  }

  /// In quotes, with a backslash before whatever the parser takes for a quote or a backslash.
  static func quoted(_ text: String) -> String {
    var quoted = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if ["\"", "\\"].contains(QueryScanner.plain(scalar)) { quoted.append("\\") }
      quoted.append(scalar)
    }
    return "\"" + String(quoted) + "\""
  }
}

extension TextQuery {
  /// As it would be typed.
  var typed: String {
    neighbour.map { "\(typedAlone) AROUND(\($0.distance)) \($0.query.typedAlone)" } ?? typedAlone
  }

  private var typedAlone: String {
    switch kind {
    case .word: QueryParser.Keyword.named(QueryScanner.plain(text)) != nil ? "\\" + text : escaped
    case .prefix: escaped + "*"
    case .substring: "*" + escaped + "*"
    case .fuzzy: escaped + "~"
    case .fuzzy2: escaped + "~2"
    case .phrase: QueryNode.quoted(text)
    }
  }

  /// With a backslash before what would not be taken for a letter: minuses at the start, and the colon of a name that is an
  /// operator's.
  private var escaped: String {
    var escaped = String.UnicodeScalarView()
    let colon = text.unicodeScalars.firstIndex { QueryScanner.plain($0) == ":" }
    let isOperator = colon.map { QueryOperator.named(QueryScanner.plain(String(text[..<$0]))) != nil } ?? false
    for index in text.unicodeScalars.indices {
      let scalar = text.unicodeScalars[index]
      let needsBackslash =
        switch QueryScanner.plain(scalar) {
        case "-": index == text.startIndex
        case ":": index == colon && isOperator
        default: QueryScanner.isEscapable(scalar)
        }
      if needsBackslash { escaped.append("\\") }
      escaped.append(scalar)
    }
    return String(escaped)
  }
}
