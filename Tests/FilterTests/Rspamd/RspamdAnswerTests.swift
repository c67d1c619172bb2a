import MailStore
import Testing

@testable import Filter

@Suite struct RspamdAnswerTests {
  /// As rspamd 3.4 wrote it.
  private let example = """
    {"is_skipped":false,"score":8.0,"required_score":15.0,"action":"add header","symbols":{"TEST_ENVELOPE":{"name":\
    "TEST_ENVELOPE","score":0.500000,"metric_score":0.500000,"options":["from=a@example.com","rcpt=2"]},"TEST_WORD":{"name":\
    "TEST_WORD","score":7.500000,"metric_score":7.500000,"options":["word"]}},"messages":{},"message-id":"undef","time_real":\
    0.329729,"milter":{"add_headers":{"X-Spam":{"value":"Yes","order":0}}}}
    """

  private func answer(_ text: String) throws -> RspamdAnswer { try RspamdAnswer(Array(text.utf8)) }

  @Test func `action, scores, symbols with options and headers are read`() throws {
    let answer = try answer(example)
    #expect(answer.action == .addHeader && answer.score == 8 && answer.requiredScore == 15)
    #expect(
      answer.symbols == [
        .init(name: "TEST_WORD", score: 7.5, options: ["word"]),
        .init(name: "TEST_ENVELOPE", score: 0.5, options: ["from=a@example.com", "rcpt=2"]),
      ])
    #expect(answer.headers == [FilterHeader(name: "X-Spam", value: "Yes")])
    let finding = answer.finding(RspamdOptions())
    #expect(finding.action == .spam && finding.score == 8)
    #expect(
      finding.reason
        == "add header, 8 of 15: TEST_WORD (7.5) [word], TEST_ENVELOPE (0.5) [from=a@example.com, rcpt=2]")
  }

  @Test(arguments: [
    ("no action", FilterAction.deliver), ("greylist", .defer), ("add header", .spam), ("rewrite subject", .spam),
    ("soft reject", .defer), ("reject", .quarantine),
  ])
  func `each action has its meaning`(action: String, meaning: FilterAction) throws {
    let finding = try answer(#"{"action": "\#(action)", "score": 1, "symbols": []}"#).finding(RspamdOptions())
    #expect(finding.action == meaning)
    #expect(finding.reason.isEmpty == (meaning == .deliver))
  }

  @Test func `the operator may have other meanings`() throws {
    var options = RspamdOptions()
    (options.reject, options.greylist) = (.reject, .deliver)
    let refused = try answer(
      #"{"action": "reject", "score": 20, "messages": {"smtp_message": "spam\r\nis not taken"}}"#)
    #expect(refused.finding(options).action == .reject && refused.finding(options).reply == "spam is not taken")
    #expect(try answer(#"{"action": "greylist", "score": 5}"#).finding(options).action == .deliver)
  }

  @Test func `a header has one value or several, as text or object, and none that would harm`() throws {
    let answer = try answer(
      #"""
      {"action": "no action", "score": 0, "milter": {"add_headers": {"X-A": "one", "X-B": ["two", {"value": "three"}, 4],
        "X-C": {"value": "line\r\nBcc: eve@example.net"}, "DKIM-Signature": "v=1", "X Y": "no", "X-D": {"order": 1}}}}
      """#)
    #expect(
      answer.headers == [
        FilterHeader(name: "X-A", value: "one"), FilterHeader(name: "X-B", value: "two"),
        FilterHeader(name: "X-B", value: "three"), FilterHeader(name: "X-C", value: "line Bcc: eve@example.net"),
      ])
  }

  @Test(arguments: [
    "", "null", "[]", "{}", "{", "not json", #"{"action": "add header"}"#, #"{"score": 1}"#,
    #"{"action": "explode", "score": 1}"#, #"{"action": "reject", "score": "much"}"#,
    #"{"action": "reject", "score": 1e999}"#, #"{"action": "reject", "score": 1, "symbols": "many"}"#,
    #"{"error": "cannot scan"}"#, "\u{0}\u{1}\u{2}",
  ])
  func `anything else is a protocol error`(text: String) {
    #expect { try self.answer(text) } throws: { ($0 as? FilterError)?.code == .protocolError }
  }

  @Test func `members of other types than they should have are left out`() throws {
    let answer = try answer(
      #"{"action": "no action", "score": 1, "symbols": {"A": 7, "B": {"score": true, "options": {}}}, "milter": 3, "messages": []}"#
    )
    #expect(answer.symbols.map(\.name).sorted() == ["A", "B"] && answer.headers == [])
  }

  @Test func `no cut and no nesting is a trap`() {
    let bytes = Array(example.utf8)
    for end in 0..<bytes.count {
      #expect { try RspamdAnswer(Array(bytes[..<end])) } throws: { ($0 as? FilterError)?.code == .protocolError }
    }
    let deep = #"{"action": "reject", "score": 1, "x": "# + String(repeating: "[", count: 200_000)
    #expect(throws: FilterError.self) { try self.answer(deep + String(repeating: "]", count: 200_000) + "}") }
  }

  @Test func `numbers and symbols are bounded`() throws {
    let symbols = (0..<5_000).map { #""S\#($0)": {"score": 1e300}"# }.joined(separator: ",")
    let answer = try answer(#"{"action": "reject", "score": -1e300, "symbols": {\#(symbols)}}"#)
    #expect(answer.score == -1_000_000)
    #expect(answer.symbols.count == 500 && answer.symbols[0].score == 1_000_000)
    #expect(answer.finding(RspamdOptions()).reason.utf8.count <= 512)
  }
}
