import Bytes
@testable import Filter

private struct NoArchives: ArchiveReading {
  func report(on bytes: [UInt8], name: String?, within time: Duration) -> ArchiveReport { ArchiveReport() }
}

/// The built-in filter looks at the input as a mail, without archives, which a process of its own looks into.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  let examination = MailExamination(options: BuiltInOptions(), archives: NoArchives(), clock: SystemClock()) { false }
  let mail = FilteredMail(
    bytes: input, reversePath: "", recipients: [], clientAddress: "", heloName: "", hostName: "", queueID: "",
    receivedAt: Timestamp(rawValue: 0))
  guard let finding = try? examination.finding(mail) else { return 0 }
  precondition(finding.score.isFinite && finding.symbols.count <= Suspicion.Kind.allCases.count)
  precondition(!finding.reason.utf8.contains { $0 < 0x20 })
  _ = try? ArchiveReport(decoding: input)
  return 0
}
