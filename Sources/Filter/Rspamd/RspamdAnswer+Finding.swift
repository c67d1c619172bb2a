import MailStore

extension RspamdAnswer {
  /// Symbols that the reason tells of.
  private static let toldSymbols = 5

  func finding(_ options: RspamdOptions) -> FilterFinding {
    FilterFinding(
      action: filterAction(options), score: score,
      symbols: symbols.map { MailVerdict.Symbol(name: $0.name, score: $0.score) }, headers: headers, reason: reason,
      reply: smtpMessage.map(SafeText.reply), retryAfter: options.retryAfter)
  }

  private func filterAction(_ options: RspamdOptions) -> FilterAction {
    switch action {
    case .noAction: .deliver
    case .greylist: options.greylist
    case .addHeader, .rewriteSubject: .spam
    case .softReject: .defer
    case .reject: options.reject
    }
  }

  /// `add header, 7.3 of 15: BAYES_SPAM (3) [99%], …`; empty where rspamd has nothing against the mail.
  private var reason: String {
    guard action != .noAction else { return "" }
    let required = requiredScore.map { " of \(Self.short($0))" } ?? ""
    let told = symbols.lazy.filter { $0.score > 0 }.prefix(Self.toldSymbols).map { symbol in
      let options = symbol.options.isEmpty ? "" : " [\(symbol.options.prefix(3).joined(separator: ", "))]"
      return SafeText.line("\(symbol.name) (\(Self.short(symbol.score)))\(options)", limit: SafeText.symbolByteCount)
    }
    let list = told.isEmpty ? "" : ": " + told.joined(separator: ", ")
    return SafeText.line(
      "\(action.rawValue), \(Self.short(score))\(required)\(list)", limit: SafeText.reasonByteCount)
  }

  /// With two digits behind the point at most.
  private static func short(_ number: Double) -> String {
    let rounded = (number * 100).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
