import Index
import Query

extension QueryNode {
  /// The query language's text for this tree: parsing it gives the tree again, as long as the tree is one that a text can
  /// give (no group of the same kind directly inside another, words that hold no blank or operator).
  var queryText: String {
    switch self {
    case .all: "*"
    case .and(let nodes): nodes.map { $0.grouped(when: $0.isDisjunction) }.joined(separator: " ")
    case .or(let nodes): nodes.map(\.queryText).joined(separator: " OR ")
    case .not(let node): "-" + node.grouped(when: !node.children.isEmpty)
    case .text(let field, let query): (field.map { $0.rawValue + ":" } ?? "") + query.queryText
    case .folder(let name, _): "in:" + Self.quoted(name)
    case .anywhere: "in:anywhere"
    case .flag(let flag): "is:" + flag.rawValue
    case .label(let label, _): "label:" + Self.quoted(label)
    case .hasAttachment: "has:attachment"
    case .hasFile(let kind): "has:" + kind.name
    case .sender(let address): "sender:" + Self.quoted(address)
    case .before(let period): "before:\(period)"
    case .after(let period): "after:\(period)"
    case .on(let period): "on:\(period)"
    case .olderThan(let age): "older_than:\(age)"
    case .newerThan(let age): "newer_than:\(age)"
    case .larger(let byteCount): "larger:\(byteCount)"
    case .smaller(let byteCount): "smaller:\(byteCount)"
    case .messageID(let id): "id:" + Self.quoted(id)
    case .thread(let id): "thread:" + Self.quoted(id)
    }
  }

  private var isDisjunction: Bool { if case .or = self { true } else { false } }

  private func grouped(when isNeeded: Bool) -> String { isNeeded ? "(\(queryText))" : queryText }

  /// In quotes, with a backslash before whatever the parser takes for a quote or a backslash.
  fileprivate static func quoted(_ text: String) -> String {
    var quoted = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if "\"\\“”„‟＂＼".unicodeScalars.contains(scalar) { quoted.append("\\") }
      quoted.append(scalar)
    }
    return "\"" + String(quoted) + "\""
  }
}

extension TextQuery {
  fileprivate var queryText: String {
    switch kind {
    case .word: text
    case .prefix: text + "*"
    case .substring: "*" + text + "*"
    case .fuzzy: text + "~"
    case .fuzzy2: text + "~2"
    case .phrase: QueryNode.quoted(text)
    }
  }
}
