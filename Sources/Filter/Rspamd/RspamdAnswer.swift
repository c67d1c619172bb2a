import Foundation

/// What `POST /checkv2` answers: one JSON object, of which the members that matter here are read. Whatever the bytes, the answer
/// is one of these or `FilterError.protocolError`.
///
///     {"action": "add header", "score": 7.3, "required_score": 15.0, "is_skipped": false,
///      "symbols": {"BAYES_SPAM": {"name": "BAYES_SPAM", "score": 3.0, "options": ["99%"]}, …},
///      "messages": {"smtp_message": "…"},
///      "milter": {"add_headers": {"X-Spam": {"value": "Yes", "order": 0}, "X-Old": "text", "X-Many": ["a", "b"]}}}
struct RspamdAnswer: Hashable, Sendable {
  struct Symbol: Hashable, Sendable {
    let name: String
    let score: Double
    let options: [String]
  }

  /// rspamd's own words: `no action`, `greylist`, `add header`, `rewrite subject`, `soft reject`, `reject`.
  enum Action: String, CaseIterable, Sendable {
    case noAction = "no action"
    case greylist
    case addHeader = "add header"
    case rewriteSubject = "rewrite subject"
    case softReject = "soft reject"
    case reject
  }

  static let maxByteCount = 1 << 20
  /// Values of one header field, and options of one symbol.
  private static let maxValues = 20

  let action: Action
  let score: Double
  let requiredScore: Double?
  /// The worst first; by name where they are equal, so that equal answers are equal verdicts.
  let symbols: [Symbol]
  let headers: [FilterHeader]
  let smtpMessage: String?

  init(_ bytes: [UInt8]) throws(FilterError) {
    let answer = try Self.object(bytes)
    if let error = answer["error"] as? String {
      throw FilterError(.protocolError, "rspamd says: " + SafeText.line(error, limit: SafeText.reasonByteCount))
    }
    guard let name = answer["action"] as? String, let action = Action(rawValue: name) else {
      throw FilterError(.protocolError, "an answer without an action that is known")
    }
    self.action = action
    guard let score = Self.number(answer["score"]) else {
      throw FilterError(.protocolError, "an answer without a score")
    }
    self.score = score
    requiredScore = Self.number(answer["required_score"])
    symbols = try Self.symbols(answer["symbols"])
    headers = Self.headers((answer["milter"] as? [String: Any])?["add_headers"])
    smtpMessage = (answer["messages"] as? [String: Any])?["smtp_message"] as? String
  }

  /// What an answer other than 200 says; nil where it says nothing.
  static func errorText(_ bytes: [UInt8]) -> String? {
    guard let answer = try? object(bytes), let text = answer["error"] as? String else { return nil }
    return SafeText.line(text, limit: SafeText.reasonByteCount)
  }

  // MARK: Private

  /// JSON nested deeper is no answer of rspamd's; Foundation's reader calls itself for each level.
  private static let maxNesting = 32

  private static func object(_ bytes: [UInt8]) throws(FilterError) -> [String: Any] {
    guard bytes.count <= maxByteCount, nesting(bytes) <= maxNesting,
      let value = try? JSONSerialization.jsonObject(with: Data(bytes)), let object = value as? [String: Any]
    else { throw FilterError(.protocolError, "an answer that is no JSON object") }
    return object
  }

  /// The most brackets that are open at once; those in strings may count too, which no sensible answer has so many of.
  private static func nesting(_ bytes: [UInt8]) -> Int {
    var (depth, deepest, isString, isEscaped) = (0, 0, false, false)
    for byte in bytes {
      if isString {
        if isEscaped {
          isEscaped = false
        } else if byte == 0x5C {
          isEscaped = true
        } else if byte == 0x22 {
          isString = false
        }
        continue
      }
      switch byte {
      case 0x22: isString = true
      case 0x5B, 0x7B:
        depth += 1
        deepest = max(deepest, depth)
      case 0x5D, 0x7D: depth -= 1
      default: break
      }
    }
    return deepest
  }

  private static func number(_ value: Any?) -> Double? {
    guard let number = value as? NSNumber, number.doubleValue.isFinite else { return nil }
    return FilterCombination.bounded(number.doubleValue)
  }

  /// Lua makes an empty table of no symbols: `[]`.
  private static func symbols(_ value: Any?) throws(FilterError) -> [Symbol] {
    guard let value, !(value is [Any]) else { return [] }
    guard let entries = value as? [String: Any] else {
      throw FilterError(.protocolError, "symbols that are none")
    }
    let symbols = entries.map { name, entry in
      let entry = entry as? [String: Any] ?? [:]
      let options = (entry["options"] as? [Any] ?? []).prefix(maxValues).compactMap { $0 as? String }
      return Symbol(
        name: SafeText.line(name, limit: SafeText.symbolByteCount), score: number(entry["score"]) ?? 0, options: options
      )
    }
    return Array(symbols.sorted { ($1.score, $0.name) < ($0.score, $1.name) }.prefix(FilterCombination.maxSymbols))
  }

  /// A value is a text, an object with one, or several of either.
  private static func headers(_ value: Any?) -> [FilterHeader] {
    guard let fields = value as? [String: Any] else { return [] }
    let headers = fields.sorted { $0.key < $1.key }.flatMap { name, value in
      (value as? [Any] ?? [value]).prefix(maxValues).compactMap { entry -> FilterHeader? in
        let text = entry as? String ?? (entry as? [String: Any])?["value"] as? String
        return text.flatMap { SafeText.header(name, $0) }
      }
    }
    return Array(headers.prefix(FilterCombination.maxHeaders))
  }
}
