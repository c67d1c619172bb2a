import Bytes
import MailStore

extension QueuedMail {
  /// As the operators' API shows it.
  package var json: JSONValue {
    [
      "id": .string(String(id.rawValue)), "queue": .string(queue.rawValue), "state": .string(state),
      "received_at": .init(RFC3339.text(receivedAt)), "size": .init(byteCount), "from": .string(reversePath),
      "to": .array(recipients.map { .string($0) }), "client": .string(clientAddress),
      "attempts": attempts.map { .init($0) } ?? .null, "next_try": .init(nextTry.flatMap { RFC3339.text($0) }),
      "reason": .init(reason), "verdict": verdict?.json ?? .null,
    ]
  }
}

extension QueueRetry {
  var json: JSONValue {
    switch self {
    case .scheduled: ["outcome": "scheduled"]
    case .delivered: ["outcome": "delivered"]
    case .heldAgain(let reason): ["outcome": "held", "reason": .string(reason)]
    }
  }
}
