import Bytes

/// Makes segments of the documents that users have in runs alone.
struct Inversion {
  private let index: ShardIndex
  private let version: IndexVersion
  private let source: CompactionSource
  private let throttle: () throws -> Void

  init(
    _ index: ShardIndex, _ version: IndexVersion, _ source: CompactionSource, _ throttle: @escaping () throws -> Void
  ) {
    self.index = index
    self.version = version
    self.source = source
    self.throttle = throttle
  }

  /// - Returns: for users who have too few pending documents after all, what had been estimated.
  func invert(_ users: [UserID]) throws -> [UserID: Int] {
    var unworthy: [UserID: Int] = [:]
    var files = SegmentFiles(index)
    do {
      for user in users where !index.isRemoved(user) {
        if try !invert(user, into: &files) {
          unworthy[user] = CompactionPlan.pendingEstimate(of: user, in: version)
        }
      }
      let made = try index.writing { try files.finish() }
      if made.isEmpty { return unworthy }
      try index.replaceFiles(adding: made.map(\.path)) { current in
        IndexVersion(runs: current.runs, segments: current.segments + made, replaced: current.replaced)
      }
    } catch {
      files.discard()
      throw error
    }
    return unworthy
  }

  /// - Returns: false where there is too little to do.
  private func invert(_ user: UserID, into files: inout SegmentFiles) throws -> Bool {
    let records = UserRecords(
      user: user, arenas: [], runs: RunRecords(user: user, version.runs, heads: index.caches.heads),
      parts: try version.parts(of: user, analyzerHash: index.analyzerHash, cache: index.caches.parts),
      replaced: DocIDBitmap(), analyzerHash: index.analyzerHash)
    let keys = try source.documents(user)
    let replaced = version.replaced[user] ?? DocIDBitmap()
    let pending = try records.runs.documents()
      .intersection(DocIDBitmap(unordered: keys.map(\.docID.rawValue)))
      .subtracting(records.covered).subtracting(replaced)
    guard pending.count >= index.options.compaction.pendingMails else { return false }
    // In parts of neighbours in arrival; a mailbox that was stored in the order of its dates is then in that order too.
    var rest = keys.filter { pending.contains($0.docID) }.sorted { $0.docID < $1.docID }[...]
    while !rest.isEmpty {
      let part = try chunk(rest, records)
      rest = rest.dropFirst(part.count)
      try write(user, part.sorted(by: >), records, into: &files)
    }
    return true
  }

  /// The first documents, as many as are inverted at a time.
  private func chunk(_ keys: ArraySlice<DocumentKey>, _ records: UserRecords) throws -> ArraySlice<DocumentKey> {
    var byteCount = 0
    var count = 0
    for key in keys {
      guard let (block, place) = try records.runs.find(key.docID) else { continue }
      byteCount += Int(block.head.frameOffsets[place + 1] - block.head.frameOffsets[place])
      count += 1
      if byteCount >= index.options.compaction.inversionByteCount { break }
    }
    return keys.prefix(count)
  }

  /// - Parameter keys: newest first.
  private func write(
    _ user: UserID, _ keys: [DocumentKey], _ records: UserRecords, into files: inout SegmentFiles
  ) throws {
    var inverter = Inverter(index.analyzers)
    for (count, key) in keys.enumerated() {
      inverter.add(try records.record(key.docID))
      if count % 64 == 63 { try throttle() }
    }
    try index.writing {
      try files.withWriter(for: user) { writer in
        writer.beginPart(of: user, docIDs: keys.map(\.docID.rawValue))
        try inverter.write(to: &writer)
        try writer.endPart()
      }
      try files.closeIfLarge(index.options.compaction.segmentByteCount)
    }
  }
}
