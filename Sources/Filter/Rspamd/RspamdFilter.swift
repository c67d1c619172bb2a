import MailStore
import NIOHTTP1

/// Asks rspamd, which weighs what hundreds of rules say of a mail, and has it learn from reports.
package struct RspamdFilter: Filter, FilterTrainer {
  static let tooLargeSymbol = "RSPAMD_TOO_LARGE"

  package let name = "rspamd"
  private let options: RspamdOptions
  private let client = RspamdClient()

  package init(_ options: RspamdOptions) { self.options = options }

  package func check(_ mail: FilteredMail) async throws -> FilterFinding {
    guard mail.bytes.count <= options.maxByteCount else {
      return FilterFinding(symbols: [MailVerdict.Symbol(name: Self.tooLargeSymbol, score: 0)])
    }
    let answer = try await client.post(
      "/checkv2", to: options.endpoint, headers: RspamdRequest.headers(mail, password: options.password),
      body: mail.bytes)
    guard answer.status == 200 else { throw Self.refusal(answer) }
    return try RspamdAnswer(answer.body).finding(options)
  }

  package func learn(_ bytes: [UInt8], as spamClass: SpamClass) async throws {
    guard bytes.count <= options.maxByteCount else { return }
    var headers = HTTPHeaders()
    if let password = options.password { headers.add(name: "Password", value: password) }
    let answer = try await client.post(
      spamClass == .spam ? "/learnspam" : "/learnham", to: options.learningEndpoint ?? options.endpoint,
      headers: headers, body: bytes)
    if !Self.isLearned(answer) { throw Self.refusal(answer) }
  }

  package func shutdown() async { await client.shutdown() }

  /// 200 has learned, 208 knew it, 204 had too few words to learn from: none of them is better another time. Other versions say
  /// the same with 404 and 500, told by their words alone.
  static func isLearned(_ answer: RspamdClient.Answer) -> Bool {
    if (200..<300).contains(answer.status) || answer.status == 413 { return true }
    guard let text = RspamdAnswer.errorText(answer.body)?.lowercased() else { return false }
    return lastingRefusals.contains { text.contains($0) }
  }

  private static let lastingRefusals = [
    "already been learned", "already learned", "less tokens", "not enough tokens", "learn conditions denied",
    "skip condition",
  ]

  private static func refusal(_ answer: RspamdClient.Answer) -> FilterError {
    let text = RspamdAnswer.errorText(answer.body).map { ": \($0)" } ?? ""
    let hint =
      switch answer.status {
      case 401, 403: "; see filters.rspamd.password"
      case 404: "; see filters.rspamd.url and learn_url"
      default: ""
      }
    return FilterError(.protocolError, "HTTP status \(answer.status)\(text)\(hint)")
  }
}
