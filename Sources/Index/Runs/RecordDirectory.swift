import Bytes

/// Where one user's records lie in the runs of one version, with the heads of all their blocks: made when the user's text
/// is first asked for, kept in a `RecordDirectoryCache`.
final class RecordDirectory: Sendable {
  struct Block: Sendable {
    let run: RunReader
    let fence: RunFences.Block
    let head: RunBlockHead
    /// The block's documents that no later run holds, as bits.
    let active: UInt32
    /// False for a run of another analyzer version: its filter speaks of other terms and rules nothing out.
    let hasUsableFilter: Bool
  }

  /// The runs that hold the user, in order of precedence: what the directory was made from.
  let runNumbers: [UInt64]
  /// Ascending by first docID; only blocks with an active document.
  let blocks: [Block]
  let documents: DocIDBitmap
  /// Documents whose filters cannot be used.
  let unfiltered: DocIDBitmap
  let byteCount: Int
  private let blocksAreDisjoint: Bool

  /// Reads the heads that `previous` does not hold yet.
  /// - Parameter leavesOutDamaged: go without blocks whose head is damaged, as if they were not there.
  init(
    user: UserID, runs: [RunReader], analyzerHash: UInt64, reusing previous: RecordDirectory?,
    leavesOutDamaged: Bool = false
  ) throws {
    var known: [UInt64: [UInt64: RunBlockHead]] = [:]
    for block in previous?.blocks ?? [] { known[block.run.number, default: [:]][block.fence.offset] = block.head }
    var blocks: [Block] = []
    var documents = DocIDBitmap()
    var unfiltered = DocIDBitmap()
    var byteCount = 256
    // Latest run first: a document counts where it is met first.
    for run in runs.reversed() {
      let fences = run.fences.blocks(of: user)
      let heads =
        leavesOutDamaged
        ? try Self.undamagedHeads(of: fences, in: run)
        : Array(zip(fences, try Self.heads(of: fences, in: run, known: known[run.number])))
      let isUsable = run.analyzerHash == analyzerHash
      for (fence, head) in heads {
        var active: UInt32 = 0
        for (index, docID) in head.docIDs.enumerated() where documents.insert(DocID(rawValue: docID)) {
          active |= 1 << UInt32(index)
          if !isUsable { unfiltered.insert(DocID(rawValue: docID)) }
        }
        if active == 0 { continue }
        blocks.append(Block(run: run, fence: fence, head: head, active: active, hasUsableFilter: isUsable))
        byteCount += head.byteCount
      }
    }
    blocks.sort { $0.fence.firstDocID < $1.fence.firstDocID }
    runNumbers = runs.map(\.number)
    blocksAreDisjoint = zip(blocks, blocks.dropFirst()).allSatisfy { $0.fence.lastDocID < $1.fence.firstDocID }
    self.blocks = blocks
    self.documents = documents
    self.unfiltered = unfiltered
    self.byteCount = byteCount + documents.byteCount
  }

  private static func heads(
    of fences: ArraySlice<RunFences.Block>, in run: RunReader, known: [UInt64: RunBlockHead]?
  ) throws -> [RunBlockHead] {
    guard let known else { return try run.readHeads(fences) }
    return try fences.map { try known[$0.offset] ?? run.readHead($0) }
  }

  private static func undamagedHeads(
    of fences: ArraySlice<RunFences.Block>, in run: RunReader
  ) throws -> [(RunFences.Block, RunBlockHead)] {
    try fences.compactMap { fence in
      do {
        return (fence, try run.readHead(fence))
      } catch let error as IndexError where error.code == .corrupt {
        return nil
      }
    }
  }

  func find(_ docID: DocID) -> (block: Block, index: Int)? {
    if blocksAreDisjoint {
      var low = 0
      var high = blocks.count
      while low < high {
        let middle = (low + high) / 2
        if blocks[middle].fence.lastDocID < docID.rawValue { low = middle + 1 } else { high = middle }
      }
      return low < blocks.count ? Self.find(docID, in: blocks[low]) : nil
    }
    for block in blocks {
      if let found = Self.find(docID, in: block) { return found }
    }
    return nil
  }

  private static func find(_ docID: DocID, in block: Block) -> (block: Block, index: Int)? {
    guard let index = block.head.index(of: docID), block.active & 1 << UInt32(index) != 0 else { return nil }
    return (block, index)
  }

  /// The documents that may hold the term: all that do, and few others.
  func candidates(for termHash: UInt32) -> DocIDBitmap {
    var candidates = unfiltered
    for block in blocks where block.hasUsableFilter {
      var rest = block.head.filter.documents(for: termHash) & block.active
      while rest != 0 {
        candidates.insert(DocID(rawValue: block.head.docIDs[rest.trailingZeroBitCount]))
        rest &= rest - 1
      }
    }
    return candidates
  }
}
