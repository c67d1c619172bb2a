import Documents

/// Looks into archives. Blocks.
protocol ArchiveReading: Sendable {
  /// - Parameter time: what it may take.
  /// - Throws: `FilterError.unreachable` where it cannot be looked into on this machine, whatever is in it.
  func report(on bytes: [UInt8], name: String?, within time: Duration) throws(FilterError) -> ArchiveReport
}

/// Has each archive looked into by a process that can do nothing else: unpackers are written in C, and anybody sends archives.
struct ConfinedArchives: ArchiveReading {
  let limits: ArchiveLimits
  var program = ["/proc/self/exe", ArchiveProcess.command]
  /// A name is an argument, of which the kernel takes so many bytes.
  private static let nameByteCount = 1_024

  func report(on bytes: [UInt8], name: String?, within time: Duration) throws(FilterError) -> ArchiveReport {
    let name = SafeText.line(name ?? "", limit: Self.nameByteCount)
    let process = ConfinedProcess(
      arguments: program + limits.arguments + [name], readable: nil, memoryByteCount: limits.memoryByteCount,
      outputByteCount: ArchiveReport.maxByteCount, time: time)
    let (output, ending) = process.run(bytes)
    switch ending {
    case .exited(0):
      if let report = try? ArchiveReport(decoding: output) { return report }
    case .notStarted(let errno):
      throw FilterError(.unreachable, "\(program[0]): cannot be started to look into an archive (errno \(errno))")
    case .exited(ConfinedProcess.unconfinedStatus):
      throw FilterError(.unreachable, "\(program[0]): cannot be confined to look into an archive")
    case .exited, .killed, .outOfTime, .outOfRoom, .stopped: break
    }
    // The archive is to blame: the next try would end alike.
    var report = ArchiveReport()
    report.note(Suspicion(.unreadArchive, name))
    return report
  }
}

/// Looks into them in this process.
struct OpenArchives: ArchiveReading {
  let limits: ArchiveLimits

  func report(on bytes: [UInt8], name: String?, within time: Duration) -> ArchiveReport {
    ArchiveExamination.report(on: bytes, name: name, limits: limits)
  }
}

extension ArchiveProcess {
  /// What such a process finds in an archive, by its symbols. Blocks.
  /// - Parameter program: its path and its command.
  /// - Throws: `FilterError` where it cannot be started.
  package static func symbols(
    of bytes: [UInt8], named name: String, program: [String], limits: ArchiveLimits
  ) throws(FilterError) -> [String] {
    try ConfinedArchives(limits: limits, program: program).report(on: bytes, name: name, within: limits.time)
      .suspicions.map(\.kind.symbol)
  }
}
