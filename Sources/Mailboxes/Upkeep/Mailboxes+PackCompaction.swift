import Bytes
import MailStore

extension Mailboxes {
  /// Gives back the space of mail that nobody has any more: gathers everything that anything refers to, and writes anew the sealed
  /// packs of which too much is not referred to. Blocks for as long as that takes; mail comes and goes meanwhile.
  ///
  /// - Parameters:
  ///   - isDryRun: only finds out which packs would be written anew.
  ///   - progress: called after each pack.
  ///   - check: called often; may throw to stop. What was done stays done.
  /// - Throws: `MailboxError` where not every row of every shard can be read, and then nothing was changed; `StoreError`, `.noSpace`
  ///   where the disk is full, after which the pack under way is as it was.
  package func compactPacks(
    _ options: PackCompactionOptions, isDryRun: Bool = false, progress: (PackCompactionReport) -> Void = { _ in },
    check: () throws -> Void = {}
  ) throws -> PackCompactionReport {
    do {
      let report = try compact(options, isDryRun: isDryRun, progress, check)
      if !isDryRun {
        packCompaction.withLock { statistics in
          statistics.runs += 1
          if !report.problems.isEmpty { statistics.failures += 1 }
        }
      }
      return report
    } catch {
      if !isDryRun { packCompaction.withLock { $0.failures += 1 } }
      throw error
    }
  }

  /// Since the start.
  package var packCompactionStatistics: PackCompactionStatistics { packCompaction.withLock { $0 } }

  private func compact(
    _ options: PackCompactionOptions, isDryRun: Bool, _ progress: (PackCompactionReport) -> Void,
    _ check: () throws -> Void
  ) throws -> PackCompactionReport {
    try requireEveryShard()
    let sweep = try packs.beginSweep()
    defer { sweep.end() }
    var report = PackCompactionReport()
    let held = try heldReferences(onItsWay: { sweep.heldReferences() }, pace: check)
    // One that stopped meanwhile may have lost what it was about to show.
    try requireEveryShard()
    let mark = CompactionMark(of: directory, fileSystem)
    try mark.require(held.sequences)
    let live = FrameSet(held.frames)
    let limit = Timestamp(rawValue: clock.now().rawValue - Int64(options.grace / .milliseconds(1)))
    for use in try sweep.uses(live: live, sealedBefore: limit) {
      report.liveByteCount += use.liveByteCount
      report.deadByteCount += use.deadByteCount
      if use.deadByteCount > 0 && use.deadShare >= options.deadShare {
        report.chosen.append(use)
      } else {
        sweep.reopen(use.number)
      }
    }
    packCompaction.withLock { statistics in
      statistics.liveByteCount = report.liveByteCount
      statistics.deadByteCount = report.deadByteCount
    }
    if let first = held.unreadRecipes.first {
      report.problems.append(
        "\(held.unreadRecipes.count) mails cannot be read, so attachments that nothing else needs are kept: \(first)")
    }
    if isDryRun || report.chosen.isEmpty { return report }
    try mark.write(held.sequences)
    defer { originals.forgetAttachments(without: live, in: Set(report.chosen.map(\.number))) }
    for use in report.chosen {
      try check()
      let outcome = try sweep.compact(use.number, live: live, keepsAttachments: !held.unreadRecipes.isEmpty) { count in
        try check()
        try pacer.pace(count, check: check)
      }
      note(outcome, &report)
      progress(report)
    }
    return report
  }

  private func note(_ outcome: PackSweepOutcome, _ report: inout PackCompactionReport) {
    switch outcome {
    case .unchanged: break
    case .leftAlone(let reason): report.problems.append("a pack was left as it is: \(reason)")
    case .compacted(let freed, let kept):
      report.compacted += 1
      report.freedByteCount += freed
      report.keptByteCount += kept
      packCompaction.withLock { statistics in
        statistics.compacted += 1
        statistics.freedByteCount += freed
        statistics.deadByteCount -= min(statistics.deadByteCount, freed)
      }
    }
  }

  private func requireEveryShard() throws {
    guard let stopped = shards.first(where: \.isStopped) else { return }
    throw MailboxError(
      .stopped,
      "shard \(stopped.number) has stopped after a failed write to disk, so nobody can tell which mail it has; "
        + "nothing was compacted. Restart the service, then compact")
  }
}

extension Shard {
  /// Streams where the originals of all its messages lie, as of now. Blocks.
  /// - Returns: the last change that was seen.
  /// - Throws: `MailboxError` where not all can be read.
  func forEachOriginal(_ body: (BlobReference, _ size: UInt64) throws -> Void) throws -> SequenceNumber {
    do {
      // Shows readers everything that was answered so far.
      _ = try users()
      return try view.read { reader in
        try reader.forEachOriginal(body)
        return try reader.appliedSequence()
      }
    } catch {
      throw MailboxError(
        .stopped, "the rows of shard \(number) cannot all be read; nothing was compacted", cause: error)
    }
  }
}
