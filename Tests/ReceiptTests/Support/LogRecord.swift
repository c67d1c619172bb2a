import Bytes
import Logging

/// What was logged, but for what helps only to find defects.
final class LogRecord: Sendable {
  private let recorded = Locked<[String]>([])

  var messages: [String] { recorded.withLock { $0 } }

  var logger: Logger { Logger(label: "maildex.tests", factory: { _ in Handler(record: self) }) }

  private func add(_ message: String) { recorded.withLock { $0.append(message) } }

  private struct Handler: LogHandler {
    let record: LogRecord
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { record.add("\(event.message)") }
  }
}
