import Bytes
import MailStore

/// Everything that anything refers to in the packs, and whether that is all.
struct HeldReferences {
  var frames = FrameList()
  /// Recipes that cannot be read: what they need nobody can tell.
  var unreadRecipes: [BlobReference] = []
  /// How far each shard had come.
  var sequences: [SequenceNumber] = []
}

extension Mailboxes {
  /// Asks every holder of references, in this order: queue, the other holders, rows, and last what is held on its way from one to
  /// the other. So a mail that is delivered meanwhile is found at one of both places. Blocks.
  /// - Parameters:
  ///   - onItsWay: see `PackSweep.heldReferences`.
  ///   - pace: called often; may wait, and may throw to stop.
  /// - Throws: `MailboxError` for a shard whose rows cannot all be read; what holders throw.
  func heldReferences(
    onItsWay: () -> [BlobReference], pace: () throws -> Void = {}
  ) throws -> HeldReferences {
    var held = HeldReferences()
    var mayBeRecipes: [BlobReference] = []
    func note(_ references: [BlobReference]) {
      for reference in references { held.frames.append(reference) }
      mayBeRecipes += references
    }
    // What the queue holds is whole, or spooled.
    for reference in queue?.heldReferences() ?? [] { held.frames.append(reference) }
    for holder in holders.withLock({ $0 }) { note(try holder.heldReferences()) }
    for shard in shards {
      try pace()
      let sequence = try shard.forEachOriginal { reference, size in
        held.frames.append(reference)
        // Smaller mail has nothing split off.
        if size >= UInt64(OriginalStore.minAttachmentByteCount) { mayBeRecipes.append(reference) }
      }
      held.sequences.append(sequence)
    }
    note(onItsWay())
    var known: Set<BlobReference> = []
    for reference in mayBeRecipes where known.insert(reference).inserted {
      try pace()
      do {
        for blob in try originals.readAttachmentBlobs(of: reference) { held.frames.append(blob) }
      } catch let error as StoreError where [.missingBlob, .corrupt].contains(error.code) {
        held.unreadRecipes.append(reference)
      }
    }
    return held
  }

  /// Adds a holder of references; before anything is compacted.
  package func addHolder(_ holder: any PackHolder) { holders.withLock { $0.append(holder) } }
}
