import Bytes

/// Makes one segment of several neighbouring ones, without the documents that are no more or whose record came anew.
struct SegmentMerge {
  private let step: CompactionStep
  private var index: ShardIndex { step.index }

  init(_ step: CompactionStep) { self.step = step }

  /// - Parameter inputs: neighbours in the version, in its order.
  func merge(_ inputs: [SegmentReader]) throws {
    var files = SegmentFiles(index, onWrite: index.meter.noteWritten)
    let made: [SegmentReader]
    do {
      // Segments of other analyzers are not merged with: what they hold is pending.
      let current = inputs.filter { $0.analyzerHash == index.analyzerHash }
      for user in Set(current.flatMap { $0.fences.parts.map(\.user) }).sorted().map(UserID.init(rawValue:))
      where !index.isRemoved(user) {
        try merge(user, current, into: &files)
      }
      made = try index.writing { try files.finish() }
    } catch {
      files.discard()
      throw error
    }
    let numbers = Set(inputs.map(\.number))
    try index.replaceFiles(numbers, with: made.map { .segmentFile($0) }) { now in
      guard let place = now.segments.firstIndex(where: { numbers.contains($0.number) }) else { return now }
      var segments = now.segments.filter { !numbers.contains($0.number) }
      segments.insert(contentsOf: made, at: place)
      return IndexVersion(
        runs: now.runs, segments: segments, replaced: try stillReplaced(now, in: segments))
    }
  }

  private func merge(_ user: UserID, _ inputs: [SegmentReader], into files: inout SegmentFiles) throws {
    let fences = inputs.compactMap { segment in segment.fences.part(of: user).map { (segment, $0) } }
    let parts = try fences.map { try SegmentPart($0, $1) }
    let replaced = step.replaced(user)
    let merger = PartMerger(parts, keeping: try step.source.documents(user).filter { !replaced.contains($0.docID) })
    if merger.isEmpty { return }
    try index.writing {
      try files.withWriter(for: user) { writer in try merger.write(of: user, to: &writer, throttle: step.throttle) }
      try files.closeIfLarge(index.options.compaction.segmentByteCount)
    }
    for (_, fence) in fences { index.meter.noteRead(Int(fence.byteCount)) }
  }

  /// Documents that were replaced when the merge began are in none of its results. What was replaced since stays so.
  private func stillReplaced(
    _ now: IndexVersion, in segments: [SegmentReader]
  ) throws -> [UserID: DocIDBitmap] {
    var replaced: [UserID: DocIDBitmap] = [:]
    for (user, documents) in now.replaced {
      var held = DocIDBitmap()
      for segment in segments where segment.analyzerHash == index.analyzerHash {
        guard let fence = segment.fences.part(of: user) else { continue }
        held.formUnion(try SegmentPart(segment, fence).documents)
      }
      let rest = documents.intersection(held)
      if !rest.isEmpty { replaced[user] = rest }
    }
    return replaced
  }
}
