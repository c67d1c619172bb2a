/// Frames, told by pack and offset: what is referred to, or what there is. Sixteen bytes for each.
package struct FrameSet: Sendable {
  private struct Frame {
    var offset: UInt64
    var byteCount: UInt32
  }

  /// Each rising by offset, each frame once.
  private var packs: [UInt32: [Frame]]

  package init(_ list: FrameList) {
    packs = list.packs.mapValues { frames in
      var unique: [Frame] = []
      for frame in frames.map({ Frame(offset: $0.offset, byteCount: $0.byteCount) }).sorted(by: {
        $0.offset < $1.offset
      })
      where unique.last?.offset != frame.offset {
        unique.append(frame)
      }
      return unique
    }
  }

  func contains(_ pack: UInt32, _ offset: UInt64) -> Bool {
    guard let frames = packs[pack] else { return false }
    var range = 0..<frames.count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if frames[middle].offset == offset { return true }
      range = frames[middle].offset < offset ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return false
  }

  /// Rising.
  func offsets(in pack: UInt32) -> [UInt64] { packs[pack]?.map(\.offset) ?? [] }

  /// Of the frames in one pack, with padding.
  func byteCount(in pack: UInt32) -> UInt64 {
    packs[pack]?.reduce(0) { $0 + PackFrame.padded(UInt64($1.byteCount)) } ?? 0
  }

  /// What is here and not in `others`, in packs below the number: how many, and their bytes.
  package func counts(without others: FrameSet, below number: UInt32) -> (frames: Int, byteCount: UInt64) {
    var count = 0
    var byteCount: UInt64 = 0
    for (pack, frames) in packs where pack < number {
      for frame in frames where !others.contains(pack, frame.offset) {
        count += 1
        byteCount += UInt64(frame.byteCount)
      }
    }
    return (count, byteCount)
  }
}

/// Gathers frames for a `FrameSet`, in any order and as often as they come.
package struct FrameList: Sendable {
  fileprivate(set) var packs: [UInt32: [(offset: UInt64, byteCount: UInt32)]] = [:]

  package init() {}

  package mutating func append(_ reference: BlobReference) {
    packs[reference.pack, default: []].append((reference.offset, reference.byteCount))
  }
}
