package import Bytes

/// A sealed pack, and how much of it is referred to.
package struct PackUse: Sendable, Equatable {
  package let number: UInt32
  /// Of its frames, with those that no reference can name.
  package let byteCount: UInt64
  package let liveByteCount: UInt64

  package var deadByteCount: UInt64 { byteCount - min(byteCount, liveByteCount) }
  package var deadShare: Double { byteCount == 0 ? 0 : Double(deadByteCount) / Double(byteCount) }
}

/// One round of compaction: packs are closed, then whoever asks gathers what refers to them, then those with much that nothing
/// refers to are written anew.
///
///     let sweep = try packs.beginSweep()
///     defer { sweep.end() }
///     …every holder's references, those that only arise by moving last: queue, other holders, rows…
///     …+ sweep.heldReferences()…
///     for use in try sweep.uses(live: live) where … { try sweep.compact(use.number, …) }
///
/// New mail takes no attachment from a closed pack. All calls block; one thread at a time.
package final class PackSweep: Sendable {
  private let store: PackStore
  private let closed: [UInt32]
  private let hasEnded = Locked(false)

  init(_ store: PackStore, closed: [UInt32]) {
    self.store = store
    self.closed = closed
  }

  deinit { end() }

  /// What somebody is about to commit, or was at any time since the sweep began. To be asked after all holders.
  package func heldReferences() -> [BlobReference] { store.holds.referencesOfSweep }

  /// The closed packs, by number.
  /// - Parameter limit: packs sealed after it are left out.
  package func uses(live: FrameSet, sealedBefore limit: Timestamp) throws -> [PackUse] {
    var uses: [PackUse] = []
    for number in closed {
      do {
        let pack = try store.files.open(number)
        if let sealedAt = try PackSeal.read(from: pack)?.sealedAt, sealedAt > limit { continue }
        let byteCount = try pack.locations?.byteCount ?? pack.file.byteCount() - PackHeader.endOffset
        uses.append(PackUse(number: number, byteCount: byteCount, liveByteCount: live.byteCount(in: number)))
      } catch is PackProblem {
        // Its header is damaged, as `verify` says: nothing can be told of it, and nothing goes.
      } catch let error as StoreError where error.code == .missingBlob {
        // Somebody took the file away.
      } catch {
        throw StoreError(error)
      }
    }
    return uses
  }

  /// The packs take part in storing again.
  package func reopen(_ number: UInt32) { store.holds.reopen(number) }

  /// - Parameters:
  ///   - live: everything that is referred to.
  ///   - keepsAttachments: for when a recipe cannot be read, so that nobody knows what it needs.
  ///   - pace: told of bytes read and written; may wait, and may throw to stop.
  /// - Throws: what `pace` throws; `StoreError`, `.noSpace` where the disk is full. Then the pack is as it was.
  package func compact(
    _ number: UInt32, live: FrameSet, keepsAttachments: Bool = false, pace: (Int) throws -> Void = { _ in }
  ) throws -> PackSweepOutcome {
    try withoutActuallyEscaping(pace) { pace in
      do {
        defer { reopen(number) }
        return try PackRewriter(
          files: store.files, number: number, live: live.offsets(in: number), keepsAttachments: keepsAttachments,
          pace: pace
        ).run()
      } catch let problem as PackProblem {
        return .leftAlone(problem.description)
      } catch let error as FileError {
        throw StoreError(error)
      }
    }
  }

  package func end() {
    let isFirst = hasEnded.withLock { hasEnded in
      defer { hasEnded = true }
      return !hasEnded
    }
    if isFirst { store.holds.endSweep() }
  }
}

extension PackStore {
  /// Begins a round of compaction: closes all sealed packs but those into which somebody may just have written.
  /// - Throws: `StoreError`, while another is under way.
  package func beginSweep() throws -> PackSweep {
    if hasStopped {
      throw StoreError(code: .stopped, message: "a write of pack files failed; restart the service, then compact")
    }
    // Before the holds are looked at: what is not sealed yet may still get frames that nobody names.
    let sealed = files.numbers(in: .sealed)
    guard let closed = holds.beginSweep(of: sealed) else {
      throw StoreError(code: .failed, message: "pack files are being compacted already")
    }
    return PackSweep(self, closed: closed)
  }

  /// What stands in no row yet but is about to, and the number from which on files may hold more of that.
  package var heldReferences: (references: [BlobReference], floor: UInt32) { (holds.references, holds.floor) }
}
