import Bytes
import Foundation
import HTTPTypes
import Hummingbird
import MailStore
import NIOCore

/// `/v1/search`: the query as text in the address, or as text or tree in a body.
struct SearchRoutes {
  let service: any MailService
  let maxBodySize: Int
  let deadline: Duration

  var routes: [HTTPRoute] {
    // The search ends itself at its deadline; a body may be slow to come before it begins.
    let limit = deadline + .milliseconds(500)
    return [
      HTTPRoute(.get, "/v1/search", deadline: .own, waits: true, handler: search),
      HTTPRoute(.get, "/v1/search/suggest", deadline: .own, waits: true, handler: suggest),
      HTTPRoute(.post, "/v1/search", deadline: .after(limit), waits: true, handler: searchByBody),
    ]
  }

  /// Of the query in an address, decoded. In a body it may be as long as the query language allows.
  private static let maxQueryLength = 8_192
  private static let maxCursorLength = 1_024
  private static let maxNameLength = 1_024
  private static let maxZoneLength = 64
  private static let limits = 1...500
  private static let usualLimit = 50
  /// Of an answer with twenty hits.
  private static let usualByteCount = 32 << 10

  @Sendable private func search(_ request: Request, _ context: APIContext) async throws -> Response {
    let start = ContinuousClock.now
    let user = try context.knownUser
    let (json, cursor) = try await answer(
      try await command(request, of: user.id, deadline: start + deadline), of: user, askedAt: start)
    var headers: HTTPFields = [:]
    if let cursor { headers[.link] = request.linkToNext(cursor: cursor) }
    return Response(json: json, headers: headers)
  }

  @Sendable private func searchByBody(_ request: Request, _ context: APIContext) async throws -> Response {
    let user = try context.knownUser
    _ = try QueryParameters(request, known: [])
    let start = ContinuousClock.now
    var body = try await request.jsonObject(maxSize: maxBodySize)
    let command = try Self.command(&body, deadline: start + deadline)
    return Response(json: try await answer(command, of: user, askedAt: start).json)
  }

  @Sendable private func suggest(_ request: Request, _ context: APIContext) async throws -> Response {
    let parameters = try QueryParameters(request, known: ["q", "limit"])
    let query = try Self.query(parameters)
    let limit = try parameters.integer("limit", in: SearchSuggestion.limits) ?? SearchSuggestion.usualLimit
    let found = try await service.suggestions(
      for: query, limit: limit, deadline: .now + deadline, of: try context.knownUser.id)
    return Response(json: ByteBuffer(bytes: JSONValue.array(found.map(\.json)).serialized()))
  }

  /// The query in the address, or that of the saved search that it names.
  private func query(_ parameters: QueryParameters, of user: UserID) async throws -> String {
    guard let saved = try parameters.text("saved") else { return try Self.query(parameters) }
    guard try parameters.text("q") == nil else { throw Problem.invalid("saved", "stands for a query: leave out q") }
    return try await service.requiredSearch(saved, of: user).query
  }

  private static func query(_ parameters: QueryParameters) throws -> String {
    let query = try parameters.text("q") ?? ""
    guard query.utf8.count <= maxQueryLength else {
      throw Problem.invalid("q", "is longer than \(maxQueryLength) bytes; POST takes longer ones")
    }
    return query
  }

  /// - Returns: the page as JSON, and its `next_cursor`.
  private func answer(
    _ command: SearchCommand, of user: UserRecord, askedAt start: ContinuousClock.Instant
  ) async throws -> (json: ByteBuffer, cursor: String?) {
    try await service.search(command, of: user.id) { page in
      let json = page.json(took: ContinuousClock.now - start).serialized(reserving: Self.usualByteCount)
      return (ByteBuffer(bytes: json), page.nextCursor)
    }
  }

  private func command(
    _ request: Request, of user: UserID, deadline: ContinuousClock.Instant
  ) async throws -> SearchCommand {
    let parameters = try QueryParameters(
      request,
      known: [
        "q", "saved", "sort", "limit", "cursor", "total", "highlight", "facets", "facet_limit", "min_seq", "explain",
        "why", "spelling", "time_zone",
      ])
    let query = try await query(parameters, of: user)
    let minimum = try parameters.integer("min_seq", in: 0...Int.max)
    return SearchCommand(
      query: query, sort: try Self.sort(try parameters.text("sort")), limit: try parameters.limit(),
      cursor: try Self.cursor(try parameters.text("cursor")), wantsTotal: try parameters.boolean("total") ?? true,
      wantsHighlights: try parameters.boolean("highlight") ?? false,
      facets: try Self.facets(
        try parameters.text("facets")?.split(separator: ",", omittingEmptySubsequences: false).map(String.init),
        limit: try parameters.integer("facet_limit", in: SearchFacets.limits)),
      minimumSequence: minimum.map { SequenceNumber(rawValue: UInt64($0)) }, deadline: deadline,
      explains: try parameters.boolean("explain") ?? false, explainedMessage: try Self.message(parameters.text("why")),
      wantsSpelling: try parameters.boolean("spelling") ?? false,
      timeZone: try Self.timeZone(parameters.text("time_zone")))
  }

  private static func command(
    _ body: inout JSONObjectReader, deadline: ContinuousClock.Instant
  ) throws -> SearchCommand {
    let query = try query(body.value("query"))
    let sort = try sort(try body.string("sort"))
    let limit = try body.integer("limit", in: limits) ?? usualLimit
    let cursor = try cursor(try body.string("cursor"))
    let wantsTotal = try body.boolean("total") ?? true
    let wantsHighlights = try body.boolean("highlight") ?? false
    let facets = try facets(
      try body.strings("facets", maxCount: 100), limit: try body.integer("facet_limit", in: SearchFacets.limits))
    let minimum = try body.integer("min_seq", in: 0...Int.max)
    let explains = try body.boolean("explain") ?? false
    let explainedMessage = try message(try body.string("why"))
    let wantsSpelling = try body.boolean("spelling") ?? false
    let timeZone = try timeZone(try body.string("time_zone"))
    try body.finish()
    return SearchCommand(
      query: query, sort: sort, limit: limit, cursor: cursor, wantsTotal: wantsTotal, wantsHighlights: wantsHighlights,
      facets: facets, minimumSequence: minimum.map { SequenceNumber(rawValue: UInt64($0)) }, deadline: deadline,
      explains: explains, explainedMessage: explainedMessage, wantsSpelling: wantsSpelling,
      timeZone: timeZone)
  }

  private static func timeZone(_ name: String?) throws -> TimeZone? {
    guard let name else { return nil }
    guard name.utf8.count <= maxZoneLength, let zone = TimeZone(identifier: name) else {
      throw Problem.invalid("time_zone", "must be a zone such as Europe/Berlin")
    }
    return zone
  }

  private static func message(_ name: String?) throws -> String? {
    guard let name else { return nil }
    guard !name.isEmpty, name.utf8.count <= maxNameLength else {
      throw Problem.invalid("why", "must be a message's id or Message-ID, of at most \(maxNameLength) bytes")
    }
    return name
  }

  private static func query(_ value: JSONValue?) throws -> SearchQuery {
    switch value {
    case nil: return .text("")
    case .string(let text): return .text(text)
    case .object(let members)?: return .tree(.object(members))
    case .some(let other): throw Problem.invalid("query", "must be a query's text or its tree, not \(other.kind)")
    }
  }

  private static func sort(_ name: String?) throws -> SearchSort {
    guard let name else { return .newestFirst }
    guard let sort = SearchSort(rawValue: name) else {
      throw Problem.invalid("sort", "must be one of \(SearchSort.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return sort
  }

  private static func facets(_ names: [String]?, limit: Int?) throws -> SearchFacets {
    if let complaint = SearchFacets.complaint(about: names ?? []) { throw Problem.invalid("facets", complaint) }
    return SearchFacets(named: names ?? [], limit: limit)
  }

  private static func cursor(_ text: String?) throws -> String? {
    guard text?.utf8.count ?? 0 <= maxCursorLength else {
      throw Problem.invalid("cursor", "is not one that this list gave; start again without it")
    }
    return text
  }
}
