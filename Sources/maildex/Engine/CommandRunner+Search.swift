import Bytes
import Foundation
import HTTPAPI
import MailStore
import Mailboxes
import Query

extension CommandRunner {
  /// Through the same service as HTTP, so that a shell gets the same answers.
  func search(
    user: String, query: String, sort: String, limit: Int, facets: [String], isJSON: Bool, explains: Bool,
    _ output: CommandOutput
  ) async throws {
    let user = try engine.user(user)
    guard let sort = SearchSort(rawValue: sort) else {
      throw CommandFailure(
        "--sort: expected \(SearchSort.allCases.map(\.rawValue).joined(separator: ", ")), found '\(sort)'")
    }
    let service = MailboxService(
      mailboxes: engine.mailboxes, accounts: engine.accounts, threads: engine.threads,
      waitForQueue: isServing ? engine.settings.waitForQueue : .zero, logger: engine.logger)
    let start = ContinuousClock.now
    let page: SearchPage
    do {
      page = try await service.search(
        SearchCommand(
          query: query, sort: sort, limit: limit, cursor: nil, wantsTotal: true, wantsHighlights: isJSON,
          facets: SearchFacets(named: facets, limit: nil), minimumSequence: nil,
          deadline: start + engine.settings.searchDeadline, explains: explains, wantsSpelling: true), of: user.id,
        render: { $0 })
    } catch let error as InvalidQuery {
      throw CommandFailure(Self.pointing(at: error, in: query))
    } catch let error as MailServiceError {
      throw CommandFailure(error.message)
    }
    for warning in page.warnings { try await output(.warning("warning: \(warning)")) }
    if isJSON {
      try await output(
        .line(String(decoding: page.json(took: ContinuousClock.now - start).serialized(), as: UTF8.self)))
      return
    }
    for hit in page.hits { try await output(.line(Self.line(hit.message))) }
    for facet in page.facets ?? [] {
      for line in Self.lines(facet) { try await output(.line(line)) }
    }
    if let correction = page.correction { try await output(.line("did you mean: \(correction)")) }
    let pending = page.pending > 0 ? " pending=\(page.pending)" : ""
    for line in page.explanation ?? [] { try await output(.line(line)) }
    try await output(.line("total=\(page.total ?? 0) shown=\(page.hits.count)\(pending)"))
  }

  /// Why a message is a hit of a query or is none.
  func why(user: String, query: String, message: String, _ output: CommandOutput) async throws {
    let user = try engine.user(user)
    let matches: [MessageMatch]
    do {
      matches = try await engine.mailboxes.explainMatches(
        user.id, of: message, with: try parseQuery(query).root, deadline: .now + engine.settings.searchDeadline)
    } catch let error as QueryError {
      throw CommandFailure(
        Self.pointing(
          at: InvalidQuery(
            message: error.message, position: error.position, expected: error.expected, suggestion: error.suggestion),
          in: query))
    } catch let error as MailboxError {
      throw CommandFailure("\(error)" + (isServing ? "" : "; mail in the queue is stored when a server runs"))
    } catch let error as SearchError {
      throw CommandFailure(error.message)
    }
    for match in matches {
      let message = PresentedMessage(
        row: match.message.row, folder: match.message.folder, threadID: match.message.thread)
      try await output(.line(Self.line(message)))
      for line in match.explanation.lines { try await output(.line("  " + line)) }
      let verdict = match.explanation.isHit.map { $0 ? "yes" : "no" } ?? "unknown"
      try await output(.line("hit=\(verdict) message=\(message.row.id)"))
    }
  }

  /// `from 12 alice@example.com (Alice)`, one line for each value.
  private static func lines(_ facet: FacetList) -> [String] {
    let values = facet.values.map { value in
      "\(facet.facet.rawValue) \(value.count) \(value.value)" + (value.name.map { " (\($0))" } ?? "")
    }
    return facet.otherCount > 0 ? values + ["\(facet.facet.rawValue) and \(facet.otherCount) more"] : values
  }

  private static func line(_ message: PresentedMessage) -> String {
    let row = message.row
    let date = Date(timeIntervalSince1970: Double(row.receivedAt.rawValue) / 1_000).formatted(.iso8601)
    let sender = row.summary.from.first.map { $0.name.flatMap { $0.isEmpty ? nil : $0 } ?? $0.address } ?? "-"
    let mark = row.flags.contains(.read) ? " " : "•"
    return "\(date) \(mark) \(row.id) [\(message.folder.name)] \(sender): \(row.summary.subject)"
  }

  /// The message with the query under it and a caret where it goes wrong.
  static func pointing(at error: InvalidQuery, in query: String) -> String {
    let caret = String(repeating: " ", count: min(error.position, query.unicodeScalars.count)) + "^"
    let expected = error.expected.map { "; expected \($0)" } ?? ""
    let suggestion = error.suggestion.map { "; did you mean \($0)?" } ?? ""
    let message = error.message.hasSuffix(".") ? String(error.message.dropLast()) : error.message
    return "\(message)\(expected)\(suggestion)\n  \(query)\n  \(caret)"
  }
}
