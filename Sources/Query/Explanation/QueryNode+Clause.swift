import Index

extension QueryNode {
  /// A leaf as it would be typed, for explanations; of a group only what kind it is.
  var clause: String {
    switch self {
    case .all: "everything"
    case .and: "and"
    case .or: "or"
    case .not: "not"
    case .text(let field, let text): (field.map { "\($0.rawValue):" } ?? "") + text.clause
    case .folder(let name, _): "in:" + Self.quoted(name)
    case .anywhere: "in:anywhere"
    case .flag(let flag): "is:\(flag.rawValue)"
    case .label(let name, _): "label:" + Self.quoted(name)
    case .hasAttachment: "has:attachment"
    case .hasFile(let kind): "has:\(kind.name)"
    case .sender(let address): "sender:\(address)"
    case .before(let period): "before:\(period)"
    case .after(let period): "after:\(period)"
    case .on(let period): "on:\(period)"
    case .olderThan(let age): "older_than:\(age)"
    case .newerThan(let age): "newer_than:\(age)"
    case .larger(let size): "larger:\(size)"
    case .smaller(let size): "smaller:\(size)"
    case .messageID(let id): "id:\(id)"
    case .thread(let id): "thread:\(id)"
    }
  }

  private static func quoted(_ name: String) -> String { name.contains(" ") ? "\"\(name)\"" : name }
}

extension TextQuery {
  fileprivate var clause: String {
    switch kind {
    case .word: text
    case .phrase: "\"\(text)\""
    case .prefix: text + "*"
    case .substring: "*" + text + "*"
    case .fuzzy: text + "~"
    case .fuzzy2: text + "~2"
    }
  }
}
