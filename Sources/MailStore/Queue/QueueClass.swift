/// What kind of work a waiting mail is: mails of one class wait for each other, and the classes take turns by weight.
package enum QueueClass: Int, CaseIterable, Sendable {
  /// Small, to few, from a sender and for somebody who have not many waiting.
  case prompt
  /// Over `largeByteCount`.
  case large
  /// To many, or one of many from the same sender or for the same recipient.
  case bulk
  /// Was tried before, by a process that died too.
  case retry

  /// As metrics name it.
  package var name: String {
    switch self {
    case .prompt: "prompt"
    case .large: "large"
    case .bulk: "bulk"
    case .retry: "retry"
    }
  }

  /// What a unit of cost counts against others: where all four have mail, of eight units of work the prompt get five, the large and the
  /// retried between one and two each, the bulk less than one.
  var stride: UInt64 {
    switch self {
    case .prompt: 1
    case .large, .retry: 4
    case .bulk: 8
    }
  }

  static let largeByteCount: UInt64 = 256 << 10
  static let bulkRecipientCount = 20
  /// Over so many waiting mails of one sender, or unfinished ones for one recipient, the next ones are bulk.
  static let crowd = 200

  /// What processing a mail takes, in small mails: at most 400, so that none makes its sender wait for ever.
  static func cost(byteCount: UInt64, recipientCount: Int) -> UInt64 {
    1 + min(255, byteCount / (16 << 10)) + UInt64(min(144, max(0, recipientCount - 1) / 8))
  }
}
