import Bytes
import Filter
import Ingest
import MailStore

/// The filters of the configuration, as receipt and the workers ask them.
struct FilterJudge: MailJudge {
  let filters: FilterChain
  let hostname: String

  func judge(_ bytes: [UInt8], _ envelope: InboundEnvelope, _ id: QueueItemID?) async throws -> JudgedMail {
    do {
      let checked = try await filters.check(
        FilteredMail(
          bytes: bytes, reversePath: envelope.reversePath, recipients: envelope.addresses,
          clientAddress: envelope.clientAddress, heloName: envelope.heloName, hostName: hostname,
          queueID: id.map { String($0.rawValue) } ?? "", receivedAt: envelope.receivedAt,
          // Whoever submits does so as themselves.
          authenticatedUser: envelope.wasSubmitted ? envelope.reversePath : nil))
      let fields = checked.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
      return JudgedMail(
        MailJudgement(verdict: checked.verdict, fields: fields),
        refusal: checked.isRejected ? checked.reply ?? checked.verdict.reason : nil)
    } catch let error as FilterError {
      throw FiltersUnavailable(
        "\(error)", retryAfter: error.retryAfter, isTemporary: error.code != .timeout && error.code != .protocolError)
    }
  }
}

extension SpamClass {
  init(_ mailClass: Lesson.Class) {
    self =
      switch mailClass {
      case .spam: .spam
      case .ham: .ham
      }
  }
}
