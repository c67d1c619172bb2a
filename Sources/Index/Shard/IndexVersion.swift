import Bytes

/// The files of one version of the index, open. Immutable: whoever holds a reader keeps its file readable.
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

  /// Those files that hold something of the user.
  func files(of user: UserID) -> UserFiles {
    UserFiles(
      user: user, runs: runs.filter { !$0.fences.blocks(of: user).isEmpty },
      segments: segments.filter { $0.fences.part(of: user) != nil }, replaced: replaced[user] ?? DocIDBitmap())
  }

  /// The greatest docID of the user in any segment; `nil` where there is none.
  func lastDocID(inSegmentsOf user: UserID) -> UInt32? {
    segments.compactMap { $0.fences.part(of: user)?.lastDocID }.max()
  }
}

/// The files of one version that hold something of one user: what a snapshot keeps open, so that it keeps no file that others
/// have seen merged away.
struct UserFiles: Sendable {
  let user: UserID
  /// In order of precedence.
  let runs: [RunReader]
  let segments: [SegmentReader]
  let replaced: DocIDBitmap

  /// The user's parts of the segments that these analyzers made.
  func parts(analyzerHash: UInt64, cache: PartCache) throws -> [SegmentPart] {
    try segments.compactMap { segment in
      guard segment.analyzerHash == analyzerHash, let fence = segment.fences.part(of: user) else { return nil }
      let head = try cache.value(for: PartKey(file: segment.number, user: user), byteCount: \.byteCount) {
        try segment.readHead(fence)
      }
      return SegmentPart(segment, fence, head)
    }
  }
}

/// In what two versions differ.
struct VersionDifference {
  private let runs: [RunReader]
  private let segments: [SegmentReader]
  private let replaced: Set<UserID>

  init(from old: IndexVersion, to new: IndexVersion) {
    runs = Self.inOneOnly(old.runs, new.runs)
    segments = Self.inOneOnly(old.segments, new.segments)
    replaced = Set(
      Set(old.replaced.keys).union(new.replaced.keys).filter { old.replaced[$0] != new.replaced[$0] })
  }

  private static func inOneOnly<Reader: AnyObject>(_ old: [Reader], _ new: [Reader]) -> [Reader] {
    let (before, after) = (Set(old.map(ObjectIdentifier.init)), Set(new.map(ObjectIdentifier.init)))
    return old.filter { !after.contains(ObjectIdentifier($0)) } + new.filter { !before.contains(ObjectIdentifier($0)) }
  }

  /// Whether the user's files differ.
  func concerns(_ user: UserID) -> Bool {
    replaced.contains(user) || runs.contains { !$0.fences.blocks(of: user).isEmpty }
      || segments.contains { $0.fences.part(of: user) != nil }
  }
}

/// A user's part of a segment, by the segment's file number.
struct PartKey: Hashable, Sendable {
  let file: UInt64
  let user: UserID
}

/// Heads only: a part would keep the file of a segment open that was merged away.
typealias PartCache = GenerationCache<PartKey, SegmentPartHead>
