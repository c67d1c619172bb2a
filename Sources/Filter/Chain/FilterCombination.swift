import MailStore

/// How the asking of one filter ended.
struct FilterOutcome: Sendable {
  let name: String
  let onUnavailable: FilterOptions.Unavailable
  let result: Result<FilterFinding, FilterError>
}

/// Makes one verdict of all findings: the most severe action, the sum of scores, symbols and headers one after another.
struct FilterCombination {
  static let maxSymbols = 500
  static let maxHeaders = 50
  /// No sum of such is infinite, and no sensible score is beyond.
  static let maxScore = 1_000_000.0
  static let unavailableSymbol = "FILTER_UNAVAILABLE_"
  private static let defaultReply = "rejected by policy"

  private let outcomes: [FilterOutcome]
  private let retryAfter: Duration

  init(_ outcomes: [FilterOutcome], retryAfter: Duration) {
    self.outcomes = outcomes
    self.retryAfter = retryAfter
  }

  func verdict() throws(FilterError) -> FilterVerdict {
    try requireAnswers()
    let findings = self.findings
    let action = findings.map(\.finding.action).max() ?? .deliver
    if action == .defer { throw deferral(findings.map(\.finding)) }
    let isRejected = action == .reject
    let reasons = findings.compactMap { $0.finding.reason.isEmpty ? nil : "\($0.name): \($0.finding.reason)" }
    let verdict = MailVerdict(
      action: Self.kept(action), score: Self.bounded(findings.reduce(0) { $0 + Self.bounded($1.finding.score) }),
      symbols: symbols, by: findings.map(\.name).joined(separator: ", "),
      reason: SafeText.line(reasons.joined(separator: "; "), limit: SafeText.reasonByteCount))
    return FilterVerdict(
      verdict: verdict, headers: headers(findings.map(\.finding)), isRejected: isRejected,
      reply: isRejected ? reply(findings.map(\.finding)) : nil)
  }

  /// Those that answered.
  private var findings: [(name: String, finding: FilterFinding)] {
    outcomes.compactMap { outcome in (try? outcome.result.get()).map { (outcome.name, $0) } }
  }

  /// - Throws: the first error that puts the mail off, with the longest time that one of them wants.
  private func requireAnswers() throws(FilterError) {
    var found: FilterError?
    var longest: Duration?
    for outcome in outcomes {
      guard case .failure(let error) = outcome.result, outcome.onUnavailable == .defer else { continue }
      found = found ?? error
      longest = max(longest ?? .zero, error.retryAfter ?? retryAfter)
    }
    if let found { throw FilterError(found.code, found.message, retryAfter: longest) }
  }

  private func deferral(_ findings: [FilterFinding]) -> FilterError {
    let deferring = findings.filter { $0.action == .defer }
    let reasons = deferring.map(\.reason).filter { !$0.isEmpty }.joined(separator: "; ")
    let times = deferring.map { $0.retryAfter ?? retryAfter }
    return FilterError(
      .deferred, reasons.isEmpty ? "a filter wants the mail later" : reasons, retryAfter: times.max() ?? retryAfter)
  }

  /// What is left of an action once the mail is accepted.
  private static func kept(_ action: FilterAction) -> MailVerdict.Action {
    switch action {
    case .deliver, .defer: .deliver
    case .spam: .spam
    case .quarantine, .reject: .quarantine
    }
  }

  private var symbols: [MailVerdict.Symbol] {
    let symbols = outcomes.flatMap { outcome in
      switch outcome.result {
      case .success(let finding): finding.symbols
      case .failure: [MailVerdict.Symbol(name: Self.unavailable(outcome.name), score: 0)]
      }
    }
    return symbols.prefix(Self.maxSymbols).map {
      .init(name: SafeText.line($0.name, limit: SafeText.symbolByteCount), score: Self.bounded($0.score))
    }
  }

  static func unavailable(_ name: String) -> String {
    unavailableSymbol + name.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }
  }

  private func headers(_ findings: [FilterFinding]) -> [FilterHeader] {
    let headers = findings.flatMap(\.headers).lazy.compactMap { SafeText.header($0.name, $0.value) }
    return Array(headers.prefix(Self.maxHeaders))
  }

  private func reply(_ findings: [FilterFinding]) -> String {
    let own = findings.lazy.filter { $0.action == .reject }.compactMap(\.reply).map(SafeText.reply)
    return own.first { !$0.isEmpty } ?? Self.defaultReply
  }

  static func bounded(_ score: Double) -> Double {
    score.isNaN ? 0 : max(-maxScore, min(maxScore, score))
  }
}
