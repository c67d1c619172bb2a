import Bytes

extension ShardIndex {
  /// Documents of new segments whose record came anew while they were made: in runs that were not read for them.
  ///
  /// - Parameter leavesOutDamaged: pass over damaged blocks of the runs, as a rebuild does.
  func replaced(
    by later: [RunReader], in made: [SegmentReader], leavesOutDamaged: Bool = false
  ) throws -> [UserID: DocIDBitmap] {
    var replaced: [UserID: DocIDBitmap] = [:]
    for segment in made {
      for fence in segment.fences.parts {
        let user = UserID(rawValue: fence.user)
        // DocIDs of new mail are above all that was there.
        guard later.contains(where: { $0.fences.blocks(of: user).contains { $0.firstDocID <= fence.lastDocID } })
        else { continue }
        let records = RunRecords(user: user, later, heads: caches.heads, leavesOutDamaged: leavesOutDamaged)
        let documents = try records.documents().intersection(SegmentPart(segment, fence).documents)
        if !documents.isEmpty { replaced[user, default: DocIDBitmap()].formUnion(documents) }
      }
    }
    return replaced
  }
}
