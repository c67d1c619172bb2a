import Bytes

/// How far one step of compaction goes.
package enum CompactionGoal: Sendable {
  /// What pays for itself.
  case due
  /// All runs are written anew as one, without the filters of documents that segments cover.
  case oneRun
  /// Each user has one part of a segment.
  case onePart
}

/// What is due, decided from the sizes of the files and from fences, without reading anything.
enum CompactionPlan: Equatable {
  /// Merge these neighbouring runs into one.
  case mergeRuns(Range<Int>)
  /// Make segments of what these users have in runs alone.
  case invert([UserID])
  /// Merge these neighbouring segments into one.
  case mergeSegments(Range<Int>)

  /// So many times shorter are frames than their text, roughly and at most.
  private static let compressionRatio = 4
  /// So many runs wait for the inversion of users who have a batch of pending mail.
  static let runsThatWait = 96

  /// What the smallest files have at most.
  static let smallestTier: UInt64 = 256 << 10

  /// - Parameters:
  ///   - unworthy: what was estimated of users who then had too few pending mails.
  ///   - removed: users whose parts are only left out, never made.
  ///   - goal: what is to be done.
  ///   - mayMergeRuns: false while a rebuild that can be gone on with needs the runs as they are.
  static func next(
    _ version: IndexVersion, _ limits: CompactionLimits, unworthy: [UserID: Int] = [:], removed: Set<UserID> = [],
    goal: CompactionGoal = .due, mayMergeRuns: Bool = true
  ) -> CompactionPlan? {
    switch goal {
    case .due: break
    case .oneRun: return mayMergeRuns && !version.runs.isEmpty ? .mergeRuns(0..<version.runs.count) : nil
    case .onePart: return segmentsOfOneUser(version).map { .mergeSegments($0) }
    }
    let pending = usersToInvert(version, limits.pendingMails, unworthy: unworthy).filter { !removed.contains($0) }
    // A record that is in a segment is merged without a filter, which is most of the work of merging it. But runs that pile
    // up cost every search, and slow delivery in the end.
    let batch = UInt64(limits.inversionByteCount / compressionRatio)
    let heavy = pending.filter { pendingByteCount(of: $0, in: version) >= batch }
    if !heavy.isEmpty, !mayMergeRuns || version.runs.count < runsThatWait {
      return tier(of: version.segments.map(\.byteCount), limits.fanIn).map { .mergeSegments($0) } ?? .invert(heavy)
    }
    if mayMergeRuns, let range = tier(of: version.runs.map(\.byteCount), limits.fanIn) { return .mergeRuns(range) }
    if let range = segmentsToPurge(version) { return .mergeSegments(range) }
    if let void = version.segments.firstIndex(where: \.isMostlyVoid) { return .mergeSegments(void..<void + 1) }
    if let range = tier(of: version.segments.map(\.byteCount), limits.fanIn) { return .mergeSegments(range) }
    return pending.isEmpty ? nil : .invert(pending)
  }

  /// The segments that hold users with parts in several, and those between them.
  private static func segmentsOfOneUser(_ version: IndexVersion) -> Range<Int>? {
    var first: [UInt32: Int] = [:]
    var range: Range<Int>?
    for (index, segment) in version.segments.enumerated() {
      for part in segment.fences.parts {
        guard let start = first[part.user] else {
          first[part.user] = index
          continue
        }
        range = min(start, range?.lowerBound ?? start)..<index + 1
      }
    }
    return range
  }

  /// The newest files that are of one tier or below, where `fanIn` of them are of that very tier: those below ride along.
  /// Tiers grow by the fan-in, so every byte is written once for each tier.
  static func tier(of sizes: [UInt64], _ fanIn: Int) -> Range<Int>? {
    var (least, limit) = (UInt64(0), smallestTier)
    while true {
      let start = sizes.lastIndex { $0 > limit }.map { $0 + 1 } ?? 0
      if sizes[start...].count(where: { $0 > least }) >= fanIn { return start..<sizes.count }
      if start == 0 { return nil }
      (least, limit) = (limit, limit * UInt64(fanIn))
    }
  }

  /// The segments that hold documents whose record came anew, and those between them.
  private static func segmentsToPurge(_ version: IndexVersion) -> Range<Int>? {
    let places = version.segments.indices.filter { index in
      version.replaced.keys.contains { version.segments[index].fences.part(of: $0) != nil }
    }
    guard let first = places.first, let last = places.last else { return nil }
    return first..<last + 1
  }

  static func usersToInvert(
    _ version: IndexVersion, _ least: Int, unworthy: [UserID: Int]
  ) -> [UserID] {
    var users = Set<UInt32>()
    for run in version.runs { users.formUnion(run.fences.users) }
    return users.sorted().map(UserID.init(rawValue:)).filter { user in
      let estimate = pendingEstimate(of: user, in: version)
      guard let before = unworthy[user], before <= estimate else { return estimate >= least }
      return estimate >= before + least / 2
    }
  }

  /// Bytes of records in the blocks that hold the user's pending documents.
  static func pendingByteCount(of user: UserID, in version: IndexVersion) -> UInt64 {
    let last = version.lastDocID(inSegmentsOf: user)
    return version.runs.reduce(0) { sum, run in
      run.fences.blocks(of: user).reduce(sum) { sum, block in
        last.map { block.lastDocID > $0 } ?? true ? sum + block.framesByteCount : sum
      }
    }
  }

  /// Never fewer than there are, but for documents below others that are in a segment.
  static func pendingEstimate(of user: UserID, in version: IndexVersion) -> Int {
    let last = version.lastDocID(inSegmentsOf: user)
    var count = 0
    for run in version.runs {
      for block in run.fences.blocks(of: user) where last.map({ block.lastDocID > $0 }) ?? true {
        let first = max(block.firstDocID, last.map { $0 + 1 } ?? 0)
        count += min(RunBlock.documentLimit, Int(block.lastDocID - first) + 1)
      }
    }
    return count
  }
}
