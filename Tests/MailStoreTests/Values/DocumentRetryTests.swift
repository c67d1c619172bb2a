import Bytes
import MailStore
import Testing

@Suite struct DocumentRetryTests {
  @Test func `the pauses between tries grow, and the last try has none behind it`() {
    var now = Timestamp(rawValue: 1_000_000)
    var retry = DocumentRetry(missedAt: now, reason: "busy")
    var pauses: [Int64] = []
    while let dueAt = retry.dueAt {
      pauses.append(dueAt.rawValue - now.rawValue)
      now = dueAt
      retry = retry.trying(at: now)
    }
    #expect(pauses == [60_000, 300_000, 1_800_000, 7_200_000, 28_800_000])
    #expect(retry == DocumentRetry(tries: DocumentRetry.maxTries, dueAt: nil, reason: "busy"))
    #expect(retry.trying(at: now).dueAt == nil, "nor has any behind that")
  }
}
