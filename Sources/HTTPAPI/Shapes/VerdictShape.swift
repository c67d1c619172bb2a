import MailStore

extension MailVerdict {
  var json: JSONValue {
    [
      "action": .string(action.name), "score": .number(score),
      "symbols": .array(symbols.map { ["name": .string($0.name), "score": .number($0.score)] }), "by": .string(by),
      "reason": .init(reason.isEmpty ? nil : reason),
    ]
  }
}
