import Bytes
import MailStore

extension SearchPage {
  package func json(took: Duration) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("total", total.map { .init($0) } ?? .null),
      .init("hits", .array(hits.map(\.json))),
    ]
    if let facets {
      members.append(.init("facets", .object(facets.map { .init($0.facet.rawValue, .array($0.values.map(\.json))) })))
      members.append(.init("facet_others", .object(facets.map { .init($0.facet.rawValue, .init($0.otherCount)) })))
    }
    members += [
      .init("next_cursor", .init(nextCursor)),
      .init("seq", .init(sequence.rawValue)),
      .init("pending", .init(pending)),
      .init(
        "took_us", .init(took.components.seconds * 1_000_000 + took.components.attoseconds / 1_000_000_000_000)),
      .init("query", query),
      .init("warnings", .array(warnings.map { .string($0) })),
    ]
    if let explanation { members.append(.init("explanation", .array(explanation.map { .string($0) }))) }
    if let reasons { members.append(.init("why", .array(reasons.map(\.json)))) }
    if let correction { members.append(.init("did_you_mean", .string(correction))) }
    return .object(members)
  }
}

extension MatchReasons {
  fileprivate var json: JSONValue {
    [
      "id": .string(id.description), "hit": isHit.map { JSONValue.bool($0) } ?? .null,
      "lines": .array(lines.map { .string($0) }),
    ]
  }
}

extension FacetList.Value {
  fileprivate var json: JSONValue {
    var members: [JSONValue.Member] = [.init("value", .string(value))]
    if let name { members.append(.init("name", .string(name))) }
    members.append(.init("count", .init(count)))
    return .object(members)
  }
}

extension FoundMessage {
  fileprivate var json: JSONValue {
    var members: [JSONValue.Member] = [.init("message", message.json)]
    if let score { members.append(.init("score", .number(score))) }
    if let highlights { members.append(.init("highlights", highlights.json)) }
    return .object(members)
  }
}

extension MatchHighlights {
  fileprivate var json: JSONValue {
    [
      "subject": Self.json(subject), "from": Self.json(from), "body": Self.json(body),
      "attachments": .array(
        attachments.map { ["filename": $0.filename.map(JSONValue.string) ?? .null, "text": Self.json($0.text)] }),
    ]
  }

  private static func json(_ pieces: [Piece]) -> JSONValue {
    .array(pieces.map { ["text": .string($0.text), "match": .bool($0.isMatch)] })
  }
}
