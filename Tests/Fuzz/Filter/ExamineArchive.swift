@testable import Filter

/// Archives are looked into, whatever they begin as.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  var limits = ArchiveLimits()
  (limits.entries, limits.byteCount, limits.nesting) = (100, 8 << 20, 3)
  for beginning in ["", "PK\u{3}\u{4}"] {
    let report = ArchiveExamination.report(on: Array(beginning.utf8) + input, name: "a.zip", limits: limits)
    precondition((try? ArchiveReport(decoding: report.encode())) == report)
  }
  return 0
}
