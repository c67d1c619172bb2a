import Bytes
import Foundation
import HTTPAPI
import Ingest
import MailStore

/// Through the same service as the operators' API.
extension CommandRunner {
  func performOnQueues(_ request: CommandRequest, _ output: CommandOutput) async throws {
    switch request {
    case .listQueue(let queue, let limit, let isJSON):
      let queues = queue.flatMap { MailQueue(rawValue: $0) }.map { [$0] } ?? MailQueue.allCases
      for queue in queues { try await list(queue, limit: limit, isJSON: isJSON, output) }
    case .showQueued(let id): try await show(id, output)
    case .retryQueued(let ids):
      try await forEach(ids) { mail in
        switch try await queues.retry(mail.id, in: mail.queue) {
        case .scheduled: try await output(.line("scheduled=\(mail.id.rawValue)"))
        case .delivered: try await output(.line("delivered=\(mail.id.rawValue)"))
        case .heldAgain(let reason): try await output(.line("held=\(mail.id.rawValue) reason=\(reason)"))
        }
      }
    case .releaseQueued(let ids):
      try await forEach(ids) { mail in
        guard mail.queue == .error else {
          throw CommandFailure(
            "mail \(mail.id.rawValue) is not held: it is delivered by itself; 'maildex queue retry' has it tried now")
        }
        try await queues.release(mail.id)
        try await output(.line("released=\(mail.id.rawValue)"))
      }
    case .dropQueued(let ids, bounces: true):
      try await forEach(ids) { mail in
        let outcome = try await queues.bounce(mail.id, in: mail.queue)
        try await output(.line("dropped=\(mail.id.rawValue) report=\(outcome.rawValue)"))
      }
    case .dropQueued(let ids, bounces: false):
      try await forEach(ids) { mail in
        try await queues.drop(mail.id, in: mail.queue)
        try await output(.line("dropped=\(mail.id.rawValue)"))
      }
    case .flushQueue: try await output(.line("scheduled=\(try await queues.flush())"))
    default: break
    }
  }

  private var queues: OperatedQueues { OperatedQueues(queues: engine.operatorQueues) }

  private func list(_ queue: MailQueue, limit: Int, isJSON: Bool, _ output: CommandOutput) async throws {
    var last: QueueItemID?
    var listed = 0
    while listed < limit {
      let page = try await queues.mails(in: queue, after: last, limit: min(500, limit - listed))
      for mail in page { try await output(.line(isJSON ? Self.json(mail) : Self.line(mail))) }
      guard let end = page.last?.id else { break }
      (last, listed) = (end, listed + page.count)
    }
    if !isJSON { try await output(.line("queue=\(queue.rawValue) listed=\(listed)")) }
  }

  private func show(_ id: UInt64, _ output: CommandOutput) async throws {
    let mail = try await find(id)
    try await output(.line(Self.line(mail)))
    try await output(.line("client=\(mail.clientAddress)"))
    for recipient in mail.recipients { try await output(.line("to=<\(Self.shown(recipient))>")) }
    if let verdict = mail.verdict {
      try await output(.line("verdict=\(verdict.action.name) score=\(verdict.score) by=\(verdict.by)"))
      for symbol in verdict.symbols {
        try await output(.line("  \(Self.shown(symbol.name)) \(symbol.score)"))
      }
    }
    let bytes = try await queues.content(of: mail.id, in: mail.queue)
    try await output(.line(""))
    for line in Self.header(of: bytes) { try await output(.line(line)) }
  }

  private func forEach(_ ids: [UInt64], _ body: (QueuedMail) async throws -> Void) async throws {
    for id in ids {
      let mail = try await find(id)
      do {
        try await body(mail)
      } catch let error as MailServiceError {
        throw CommandFailure(error.message)
      }
    }
  }

  private func find(_ id: UInt64) async throws -> QueuedMail {
    for queue in MailQueue.allCases {
      if let mail = try await queues.mail(QueueItemID(rawValue: id), in: queue) { return mail }
    }
    throw CommandFailure("no queue has a mail \(id); see 'maildex queue list'")
  }

  private static func line(_ mail: QueuedMail) -> String {
    let received = Date(timeIntervalSince1970: Double(mail.receivedAt.rawValue) / 1_000).formatted(.iso8601)
    let recipients = mail.recipients.prefix(3).map { "<\(shown($0))>" }.joined(separator: ",")
    let more = mail.recipients.count > 3 ? " and \(mail.recipients.count - 3) more" : ""
    var text =
      "queue=\(mail.queue.rawValue) id=\(mail.id.rawValue) received=\(received) size=\(mail.byteCount) state=\(mail.state) "
      + "from=<\(shown(mail.reversePath))> to=\(recipients)\(more)"
    if let attempts = mail.attempts { text += " attempts=\(attempts)" }
    if let next = mail.nextTry {
      text += " next=\(Date(timeIntervalSince1970: Double(next.rawValue) / 1_000).formatted(.iso8601))"
    }
    if let reason = mail.reason { text += " reason=\(shown(reason))" }
    return text
  }

  private static func json(_ mail: QueuedMail) -> String {
    String(decoding: mail.json.serialized(), as: UTF8.self)
  }

  private static let maxShownHeader = 16 << 10

  /// The header section, as far as a terminal should be bothered with it.
  static func header(of bytes: [UInt8]) -> [String] {
    var lines: [String] = []
    for line in bytes.prefix(maxShownHeader).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if content.isEmpty { break }
      lines.append(shown(String(decoding: content, as: UTF8.self)))
    }
    return lines
  }

  /// What came from outside, without what a terminal would obey.
  private static func shown(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control && $0 != "\t" ? "\u{FFFD}" : $0 }))
  }
}
