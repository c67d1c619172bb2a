import ArgumentParser
import Bytes
import Index

/// Flips the read mark of one mail after another, all over a mailbox, and then marks all that is unread as read at once: what
/// the index writes for that, flushes, merges and manifest included. The journal and the metadata are not in it.
struct Flags: ParsableCommand {
  @Option var dir: String
  @Option(name: .customShort("n")) var count = 50_000

  /// At so many bytes a shard flushes when it has rested for a second.
  private static let flushByteCount = 1 << 20
  /// Coprime to every number of mails below it: flips are of a different mail until all had their turn.
  private static let stride = 4_294_967_291

  func run() throws {
    let bench = try BenchIndex(dir, hasUsers: false)
    let user = UserID(rawValue: 1)
    let before = try bench.snapshot(user).attributes
    let mails = before.live.docIDs
    if mails.isEmpty { throw ValidationError("\(dir) holds no mail") }
    let meter = Meter()
    for flip in 0..<count {
      let docID = mails[flip * Self.stride % mails.count]
      guard var attributes = before.attributes(of: docID) else { continue }
      if flip / mails.count % 2 == 0 { attributes.flags.formSymmetricDifference(.isRead) }
      bench.apply([.setAttributes(user, docID, attributes)])
      if bench.index.unflushedByteCount >= Self.flushByteCount { try settle(bench) }
    }
    try settle(bench)
    let (flipped, seconds) = (meter.writtenByteCount, meter.seconds)
    let current = try bench.snapshot(user).attributes
    let unread = current.unread.docIDs
    bench.apply(
      unread.compactMap { docID in
        guard var attributes = current.attributes(of: docID) else { return nil }
        attributes.flags.insert(.isRead)
        return .setAttributes(user, docID, attributes)
      })
    try settle(bench)
    let marked = meter.writtenByteCount - flipped
    try printJSON(
      [
        "mails": mails.count, "flips": count, "written_flip": rounded(Double(flipped) / Double(count)),
        "flip_us": rounded(seconds * 1e6 / Double(count)), "marked": unread.count, "written_mark_all": marked,
        "written_marked_mail": rounded(Double(marked) / Double(max(1, unread.count))),
        "still_unread": try bench.snapshot(user).attributes.unread.count,
      ] as [String: Any])
  }

  private func settle(_ bench: BenchIndex) throws {
    try bench.index.flush()
    try bench.compact(fully: false)
  }
}
