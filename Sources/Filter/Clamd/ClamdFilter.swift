import MailStore

/// Asks clamd, ClamAV's daemon, whether a mail has the signature of anything malicious.
package struct ClamdFilter: Filter {
  static let tooLargeSymbol = "CLAMD_TOO_LARGE"
  /// Beyond what any threshold asks.
  static let foundScore = 20.0

  package let name = "clamd"
  private let options: ClamdOptions

  package init(_ options: ClamdOptions) { self.options = options }

  package func check(_ mail: FilteredMail) async throws -> FilterFinding {
    guard mail.bytes.count <= options.maxByteCount else { return tooLarge }
    switch try await ClamdConnection.scan(mail.bytes, options.endpoint) {
    case .clean: return FilterFinding()
    case .tooLarge: return tooLarge
    case .found(let signature):
      return FilterFinding(
        action: options.found, score: Self.foundScore,
        symbols: [MailVerdict.Symbol(name: signature, score: Self.foundScore)], reason: signature,
        reply: "this mail has malicious content (\(signature))")
    case .pong: throw FilterError(.protocolError, "a reply to another command")
    }
  }

  /// Whether it is there and answers.
  /// - Throws: `FilterError`, `CancellationError`.
  package func ping() async throws {
    guard try await ClamdConnection.ping(options.endpoint) == .pong else {
      throw FilterError(.protocolError, "a reply to another command")
    }
  }

  private var tooLarge: FilterFinding {
    FilterFinding(
      action: options.tooLarge, symbols: [MailVerdict.Symbol(name: Self.tooLargeSymbol, score: 0)],
      reason: options.tooLarge == .deliver ? "" : "too large to be scanned",
      reply: "this mail is too large to be scanned")
  }
}
