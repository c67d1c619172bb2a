import Bytes
import Foundation
import HTTPAPI
import MailStore

extension CommandRunner {
  /// Through the same service as HTTP, so that a shell gets the same answers.
  func search(
    user: String, query: String, limit: Int, facets: [String], isJSON: Bool, _ output: CommandOutput
  ) async throws {
    let user = try engine.user(user)
    let service = MailboxService(
      mailboxes: engine.mailboxes, threads: engine.threads,
      waitForQueue: isServing ? engine.settings.waitForQueue : .zero, logger: engine.logger)
    let start = ContinuousClock.now
    let page: SearchPage
    do {
      page = try await service.search(
        SearchCommand(
          query: query, sort: .newestFirst, limit: limit, cursor: nil, wantsTotal: true, wantsHighlights: isJSON,
          facets: SearchFacets(named: facets, limit: nil), minimumSequence: nil,
          deadline: start + engine.settings.searchDeadline), of: user.id)
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
    let pending = page.pending > 0 ? " pending=\(page.pending)" : ""
    try await output(.line("total=\(page.total ?? 0) shown=\(page.hits.count)\(pending)"))
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
  private static func pointing(at error: InvalidQuery, in query: String) -> String {
    let caret = String(repeating: " ", count: min(error.position, query.unicodeScalars.count)) + "^"
    let expected = error.expected.map { "; expected \($0)" } ?? ""
    let suggestion = error.suggestion.map { "; did you mean \($0)?" } ?? ""
    let message = error.message.hasSuffix(".") ? String(error.message.dropLast()) : error.message
    return "\(message)\(expected)\(suggestion)\n  \(query)\n  \(caret)"
  }
}
