import Foundation
import HTTPAPI
import MailStore
import Mailboxes
import Query

extension Query.SortOrder {
  /// The API names sort orders as the query room does.
  init(_ sort: SearchSort) { self = Query.SortOrder(rawValue: sort.rawValue) ?? .newestFirst }
}

extension FacetRequest {
  /// The API names facets as the query room does.
  init(_ facets: SearchFacets) {
    self.init(facets.names.compactMap { FacetName(rawValue: $0.rawValue) }, limit: facets.limit)
  }
}

extension SearchPage {
  init(_ answer: SearchAnswer, of parsed: ParsedQuery, to command: SearchCommand) throws {
    self.init(
      total: answer.total, hits: answer.hits.map(FoundMessage.init),
      facets: command.facets.names.isEmpty ? nil : answer.facets.compactMap(FacetList.init),
      nextCursor: answer.nextCursor, sequence: answer.sequence, pending: answer.pending,
      query: try JSONValue(parsed.root), warnings: (parsed.warnings + answer.warnings).map(\.message),
      explanation: answer.explanation, reasons: answer.matches?.map(MatchReasons.init),
      correction: answer.correction?.text)
  }
}

extension FacetList {
  init?(_ counts: FacetCounts) {
    guard let facet = SearchFacet(rawValue: counts.name.rawValue) else { return nil }
    self.init(
      facet: facet, values: counts.values.map { Value(value: $0.value, name: $0.name, count: $0.count) },
      otherCount: counts.otherCount)
  }
}

extension FoundMessage {
  init(_ hit: SearchHit) {
    let message = PresentedMessage(row: hit.message.row, folder: hit.message.folder, threadID: hit.message.thread)
    self.init(message: message, score: hit.score, highlights: hit.highlights.map(MatchHighlights.init))
  }
}

extension MatchHighlights {
  init(_ highlights: Highlights) {
    self.init(
      subject: Self.pieces(highlights.subject), from: Self.pieces(highlights.from), body: Self.pieces(highlights.body),
      attachments: highlights.attachments.map { Attachment(filename: $0.filename, text: Self.pieces($0.text)) })
  }

  private static func pieces(_ runs: [HighlightRun]) -> [Piece] {
    runs.map { Piece(text: $0.text, isMatch: $0.isMatch) }
  }
}

extension MatchReasons {
  init(_ match: MessageMatch) {
    self.init(id: match.message.row.id, isHit: match.explanation.isHit, lines: match.explanation.lines)
  }
}

extension SearchSuggestion {
  /// The API names kinds as the query room does.
  init?(_ suggestion: Suggestion) {
    guard let kind = Kind(rawValue: suggestion.kind.rawValue) else { return nil }
    self.init(kind: kind, text: suggestion.text, query: suggestion.query, name: suggestion.name)
  }
}

extension FolderCursor {
  init(_ position: MessagePosition) { self.init(receivedAt: position.receivedAt, docID: position.docID) }
}

extension ParsedQuery {
  /// - Throws: `QueryError` for text, `InvalidQuery` for a tree.
  init(_ query: SearchQuery) throws {
    switch query {
    case .text(let text): self = try parseQuery(text)
    case .tree(let tree): self.init(root: try Self.root(tree), warnings: [])
    }
  }

  private static func root(_ tree: JSONValue) throws -> QueryNode {
    do {
      return try JSONDecoder().decode(QueryNode.self, from: Data(tree.serialized()))
    } catch let error as DecodingError {
      throw InvalidQuery(message: error.reason, position: 0)
    }
  }
}

extension DecodingError {
  fileprivate var reason: String {
    switch self {
    case .dataCorrupted(let context), .keyNotFound(_, let context), .typeMismatch(_, let context),
      .valueNotFound(_, let context):
      context.debugDescription
    @unknown default: "the query's tree cannot be read"
    }
  }
}

extension JSONValue {
  /// The query as it was understood.
  init(_ query: QueryNode) throws {
    self = try JSONParser.parse(Array(try JSONEncoder().encode(query)))
  }
}

extension MailEvent {
  /// - Returns: `nil` for a change of a message or folder that is gone by now: its removal follows in the stream.
  init?(_ change: NamedChange) {
    let kind: Kind
    switch change.row.kind {
    case .messageAdded: kind = .messageCreated
    case .messageUpdated, .messageMovedToThread: kind = .messageUpdated
    case .messageRemoved: kind = .messageDeleted
    case .folderCreated, .folderRenamed, .folderRemoved: kind = .folderUpdated
    case .searchSaved: kind = .searchUpdated
    case .searchRemoved: kind = .searchDeleted
    case .messageMatched: kind = .searchMatched
    }
    let folder = change.folder?.publicName ?? change.row.removedFolder.map(FolderRow.publicName(of:))
    let id =
      switch kind {
      case .folderUpdated: folder
      case .searchUpdated, .searchDeleted: change.row.searches.first?.description
      case .messageCreated, .messageUpdated, .messageDeleted, .searchMatched: change.row.messageID?.description
      }
    // Of a folder that went before its id was kept nobody knows it, and yet whoever shows it must hear of something.
    guard id != nil || change.row.kind == .folderRemoved else { return nil }
    self.init(
      kind: kind, id: id, folder: change.folder, threadID: change.thread, sequence: change.row.sequence,
      searches: change.row.searches)
  }
}
