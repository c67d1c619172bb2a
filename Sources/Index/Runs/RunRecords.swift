import Bytes

/// A block's head, by the run's file number.
struct BlockKey: Hashable, Sendable {
  let file: UInt64
  let offset: UInt64
}

/// Heads of blocks that were read lately. Those that were read to find records are without their filters, which are nearly
/// all of a head, and kept apart: twenty hits lie in as many blocks, and would drive out the filters that searches ask.
final class HeadCache: Sendable {
  let whole: GenerationCache<BlockKey, RunBlockHead>
  let unfiltered: GenerationCache<BlockKey, RunBlockHead>

  init(byteCount: Int) {
    unfiltered = GenerationCache(byteCount: byteCount / 8)
    whole = GenerationCache(byteCount: byteCount - byteCount / 8)
  }

  var byteCount: Int { whole.byteCount + unfiltered.byteCount }
}

/// Where one user's records lie in the runs of one version. Holds fences only; heads are read when a document of theirs is
/// asked for.
struct RunRecords: Sendable {
  /// A block, opened.
  struct Block: Sendable {
    let run: RunReader
    let fence: RunFences.Block
    let head: RunBlockHead
  }

  let user: UserID
  /// The runs that hold the user, in order of precedence: the later one counts.
  let runs: [RunReader]
  let heads: HeadCache
  /// Go without blocks whose head is damaged, as if they were not there.
  var leavesOutDamaged = false

  init(user: UserID, _ runs: [RunReader], heads: HeadCache, leavesOutDamaged: Bool = false) {
    self.user = user
    self.runs = runs.filter { !$0.fences.blocks(of: user).isEmpty }
    self.heads = heads
    self.leavesOutDamaged = leavesOutDamaged
  }

  /// The record that counts; `nil` where the runs hold none.
  func find(_ docID: DocID) throws -> (block: Block, index: Int)? {
    for run in runs.reversed() {
      guard let fence = run.fences.block(of: user, holding: docID),
        let block = try open(fence, of: run, withFilter: false), let index = block.head.index(of: docID)
      else { continue }
      return (block, index)
    }
    return nil
  }

  /// Calls `body` with each block that holds some of the documents, of the latest run first, with those documents of it
  /// whose record counts, as bits.
  func forEachBlock(holding documents: DocIDBitmap, _ body: (Block, _ active: UInt32) throws -> Void) throws {
    var rest = documents
    for run in runs.reversed() where !rest.isEmpty {
      for fence in run.fences.blocks(of: user) {
        guard let next = rest.first(notBelow: DocID(rawValue: fence.firstDocID)), next.rawValue <= fence.lastDocID,
          let block = try open(fence, of: run)
        else { continue }
        var active: UInt32 = 0
        for (index, docID) in block.head.docIDs.enumerated() where rest.remove(DocID(rawValue: docID)) {
          active |= 1 << UInt32(index)
        }
        if active != 0 { try body(block, active) }
      }
    }
  }

  /// All documents that have a record. Reads the heads of all blocks.
  func documents() throws -> DocIDBitmap {
    var docIDs: [UInt32] = []
    for run in runs {
      for fence in run.fences.blocks(of: user) {
        docIDs += try open(fence, of: run, withFilter: false)?.head.docIDs ?? []
      }
    }
    return DocIDBitmap(unordered: docIDs)
  }

  private func open(_ fence: RunFences.Block, of run: RunReader, withFilter: Bool = true) throws -> Block? {
    do {
      let key = BlockKey(file: run.number, offset: fence.offset)
      let cache = withFilter ? heads.whole : heads.unfiltered
      let head = try cache.value(for: key, byteCount: \.byteCount) { try run.readHead(fence, withFilter: withFilter) }
      return Block(run: run, fence: fence, head: head)
    } catch let error as IndexError {
      guard leavesOutDamaged, error.code == .corrupt else { throw error }
      return nil
    }
  }
}

extension RunFences {
  /// The block of the user in whose range the document lies.
  func block(of user: UserID, holding docID: DocID) -> Block? {
    let blocks = blocks(of: user)
    var low = blocks.startIndex
    var high = blocks.endIndex
    while low < high {
      let middle = (low + high) / 2
      if blocks[middle].lastDocID < docID.rawValue { low = middle + 1 } else { high = middle }
    }
    return low < blocks.endIndex && blocks[low].firstDocID <= docID.rawValue ? blocks[low] : nil
  }
}
