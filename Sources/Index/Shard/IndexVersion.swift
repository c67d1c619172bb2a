import Bytes

/// The files of one version of the index, open. Immutable: a snapshot that holds a version keeps its files readable.
final class IndexVersion: Sendable {
  /// In order of precedence, as in the manifest: of two runs with the same document the later one counts.
  let runs: [RunReader]
  /// In order of arrival; no document is in two of them.
  let segments: [SegmentReader]
  /// Documents whose record came anew after a segment was made that holds them: not answered from postings until a merge
  /// has dropped them from the segment.
  let replaced: [UserID: DocIDBitmap]

  init(runs: [RunReader], segments: [SegmentReader] = [], replaced: [UserID: DocIDBitmap] = [:]) {
    self.runs = runs
    self.segments = segments
    self.replaced = replaced
  }

  /// The user's parts of the segments that these analyzers made.
  func parts(of user: UserID, analyzerHash: UInt64, cache: PartCache) throws -> [SegmentPart] {
    try segments.compactMap { segment in
      guard segment.analyzerHash == analyzerHash, let fence = segment.fences.part(of: user) else { return nil }
      let head = try cache.value(for: PartKey(file: segment.number, user: user), byteCount: \.byteCount) {
        try segment.readHead(fence)
      }
      return SegmentPart(segment, fence, head)
    }
  }

  /// The greatest docID of the user in any segment; `nil` where there is none.
  func lastDocID(inSegmentsOf user: UserID) -> UInt32? {
    segments.compactMap { $0.fences.part(of: user)?.lastDocID }.max()
  }
}

/// A user's part of a segment, by the segment's file number.
struct PartKey: Hashable, Sendable {
  let file: UInt64
  let user: UserID
}

/// Heads only: a part would keep the file of a segment open that was merged away.
typealias PartCache = GenerationCache<PartKey, SegmentPartHead>
