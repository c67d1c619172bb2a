@testable import Filter

/// What rspamd and clamd may say.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  if let answer = try? RspamdAnswer(input) {
    let finding = answer.finding(RspamdOptions())
    precondition(finding.score.isFinite && finding.symbols.count <= FilterCombination.maxSymbols)
    precondition(!finding.headers.contains { $0.value.utf8.contains { $0 < 0x20 } })
  }
  _ = RspamdAnswer.errorText(input)
  if case .found(let signature)? = try? ClamdReply(input) {
    precondition(!signature.isEmpty && signature.utf8.count <= SafeText.symbolByteCount)
  }
  return 0
}
