import TestSupport
import Testing

/// Runs `body` with a new data directory in which alice has a mailbox.
func withMailbox(
  isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Void
) async throws {
  try await Turns.shared.take {
    try await withTemporaryDirectory { directory in
      let data = directory + "/data"
      try await succeed(["user", "add", "alice@example.com", "--data", data])
      try await body(data)
    }
  }
}

/// Runs a command that is to end with 0 and to say nothing on standard error.
@discardableResult
func succeed(_ arguments: [String], environment: [String: String] = [:]) async throws -> ProcessResult {
  let result = try await MaildexProcess.run(arguments, environment: environment)
  try #require(result.status == 0 && result.errors.isEmpty, "\(arguments.joined(separator: " ")): \(result)")
  return result
}

/// Runs a command that is to end with 1 and one line on standard error; that line.
@discardableResult
func fail(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
  let result = try await MaildexProcess.run(arguments, environment: environment)
  try #require(
    result.status == 1 && result.errorLines.count == 1, "\(arguments.joined(separator: " ")): \(result)")
  return result.errorLines[0]
}

/// A plain mail.
func mail(subject: String, text: String) -> [UInt8] {
  Array(
    "From: Dan <dan@example.net>\r\nTo: alice@example.com\r\nSubject: \(subject)\r\n\r\n\(text)\r\n".utf8)
}
