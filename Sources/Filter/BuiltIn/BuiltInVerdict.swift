import MailStore

/// What becomes of a mail with these suspicions, by the operator's choices.
struct BuiltInVerdict {
  /// Suspicions that the reason tells of.
  private static let told = 5

  private let options: BuiltInOptions

  init(_ options: BuiltInOptions) { self.options = options }

  func finding(_ suspicions: [Suspicion]) -> FilterFinding {
    let forged = suspicions.filter { $0.kind.topic == .forgeries }.map(\.kind)
    let isForged = Set(forged).reduce(0) { $0 + $1.score } >= options.forgeryThreshold
    let actions = suspicions.map { suspicion in
      suspicion.kind.topic == .forgeries && !isForged ? FilterAction.deliver : self.action(suspicion.kind.topic)
    }
    let action = actions.max() ?? .deliver
    let symbols = Self.symbols(suspicions)
    return FilterFinding(
      action: action, score: symbols.reduce(0) { $0 + $1.score }, symbols: symbols,
      reason: action == .deliver ? "" : reason(suspicions), reply: "this mail has content that is not accepted here")
  }

  private func action(_ topic: Suspicion.Topic) -> FilterAction {
    switch topic {
    case .eicar: options.eicar
    case .executables: options.executables
    case .encryptedArchives: options.encryptedArchives
    case .forgeries: options.forgeries
    }
  }

  /// Each once, however many files have it.
  private static func symbols(_ suspicions: [Suspicion]) -> [MailVerdict.Symbol] {
    var seen: Set<Suspicion.Kind> = []
    return suspicions.filter { seen.insert($0.kind).inserted }
      .map { MailVerdict.Symbol(name: $0.kind.symbol, score: $0.kind.score) }
  }

  private func reason(_ suspicions: [Suspicion]) -> String {
    let told = suspicions.sorted { $0.kind.score > $1.kind.score }.prefix(Self.told)
      .map { $0.detail.isEmpty ? $0.kind.symbol : "\($0.kind.symbol) (\($0.detail))" }
    return SafeText.line(told.joined(separator: ", "), limit: SafeText.reasonByteCount)
  }
}
