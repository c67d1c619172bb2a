import Bytes
import Ingest
import MailStore

/// Says of each mail what its text asks for.
final class ScriptedJudge: MailJudge {
  typealias Answer = @Sendable (String) throws -> JudgedMail

  /// How often it was asked.
  let asked = Locked(0)
  private let answer: Answer

  init(_ answer: @escaping Answer) { self.answer = answer }

  func judge(_ bytes: [UInt8], _ envelope: InboundEnvelope, _ id: QueueItemID?) async throws -> JudgedMail {
    asked.withLock { $0 += 1 }
    return try answer(String(decoding: bytes, as: UTF8.self))
  }

  static func verdict(_ action: MailVerdict.Action, reason: String = "because") -> MailVerdict {
    MailVerdict(
      action: action, score: 5.5, symbols: [.init(name: "TEST", score: 5.5)], by: "test", reason: reason)
  }

  /// By the word in the mail: spam, virus, or neither.
  static var byWord: ScriptedJudge {
    ScriptedJudge { text in
      let action: MailVerdict.Action = text.contains("virus") ? .quarantine : text.contains("spam") ? .spam : .deliver
      return JudgedMail(MailJudgement(verdict: verdict(action), fields: "X-Test: \(action.name)\r\n"))
    }
  }
}
