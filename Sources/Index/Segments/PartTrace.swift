import Bytes

/// Counts what a search reads of one part of a segment. Only a search that explains itself has one: for all others a part has
/// no trace, and what is counted is counted per block and per list, never per posting.
package final class PartTrace: Sendable {
  package struct Counts: Sendable, Hashable {
    /// Posting lists that were opened; the posting of a term in one document stands in the dictionary and is no list.
    package var lists = 0
    /// Blocks of postings that were decoded, and those that were passed by what their skip entries say.
    package var blocksDecoded = 0
    package var blocksSkipped = 0
    package var dictionaryBlocks = 0
    /// Bytes that were asked for: of posting lists (skip entries, blocks, positions) and of the dictionary.
    package var listByteCount = 0
    package var dictionaryByteCount = 0
    /// Pages of the file that these bytes lie on, each counted once.
    package var pages = 0

    package init() {}
  }

  private struct State {
    var counts = Counts()
    var pages: Set<UInt64> = []
  }

  private let state = Locked(State())

  package init() {}

  package var counts: Counts {
    state.withLock { state in
      var counts = state.counts
      counts.pages = state.pages.count
      return counts
    }
  }

  func noteList() { state.withLock { $0.counts.lists += 1 } }

  func noteBlock(skipped: Int) {
    state.withLock { state in
      state.counts.blocksDecoded += 1
      state.counts.blocksSkipped += skipped
    }
  }

  func noteEnd(skipped: Int) { state.withLock { $0.counts.blocksSkipped += skipped } }

  /// - Parameter offset: in the stream.
  func noteListRead(at offset: UInt64, byteCount: Int) {
    state.withLock { state in
      state.counts.listByteCount += byteCount
      Self.note(offset, byteCount, &state.pages)
    }
  }

  func noteDictionaryBlock(at offset: UInt64, byteCount: Int) {
    state.withLock { state in
      state.counts.dictionaryBlocks += 1
      state.counts.dictionaryByteCount += byteCount
      Self.note(offset, byteCount, &state.pages)
    }
  }

  private static func note(_ offset: UInt64, _ byteCount: Int, _ pages: inout Set<UInt64>) {
    guard byteCount > 0 else { return }
    let size = UInt64(PagedWriter.pageByteCount)
    pages.formUnion(offset / size...(offset + UInt64(byteCount) - 1) / size)
  }
}

extension SegmentPart {
  /// The same part, whose reads are counted.
  package func traced(by trace: PartTrace) -> SegmentPart { SegmentPart(segment, fence, head, trace: trace) }

  /// The file's name, for explanations.
  package var fileName: String { IndexFileFormat.segment.fileName(segment.number) }
}
