/// A file's bytes on a `CrashableDisk`. `synced` is what a crash cannot take; `pending` are the operations that lead from
/// it to `current`.
struct CrashableNode: Sendable {
  private static let sectorByteCount = 512

  enum Change: Sendable {
    case write([UInt8], offset: Int)
    case resize(Int)
  }

  private(set) var current: [UInt8] = []
  private var synced: [UInt8] = []
  private var pending: [Change] = []
  /// Changes whose sync failed: they may or may not be on the disk, and no later sync brings them there.
  private var lost: [Change] = []

  mutating func perform(_ change: Change) {
    Self.apply(change, to: &current)
    pending.append(change)
  }

  mutating func sync() {
    for change in pending {
      Self.apply(change, to: &synced)
      lost = lost.flatMap { Self.remainder(of: $0, under: change) }
    }
    pending = []
  }

  /// What a failed fdatasync does: the pages count as clean although they may not have been written.
  mutating func loseDirtyPages() {
    lost += pending
    pending = []
  }

  /// The bytes that the machine finds when it starts again.
  func afterPowerLoss(_ coin: inout CrashCoin) -> CrashableNode {
    var bytes = synced
    for change in lost + pending {
      guard case .write(let new, let offset) = change else {
        if coin.keeps() { Self.apply(change, to: &bytes) }
        continue
      }
      var start = 0
      while start < new.count {
        let end = min(new.count, ((offset + start) / Self.sectorByteCount + 1) * Self.sectorByteCount - offset)
        if coin.keeps() { Self.apply(.write(Array(new[start..<end]), offset: offset + start), to: &bytes) }
        start = end
      }
    }
    var next = CrashableNode()
    next.current = bytes
    next.synced = bytes
    return next
  }

  private static func apply(_ change: Change, to bytes: inout [UInt8]) {
    switch change {
    case .write(let new, let offset):
      let end = offset + new.count
      if bytes.count < end { extend(&bytes, to: end) }
      bytes.replaceSubrange(offset..<end, with: new)
    case .resize(let byteCount):
      if byteCount < bytes.count {
        bytes.removeLast(bytes.count - byteCount)
      } else {
        extend(&bytes, to: byteCount)
      }
    }
  }

  /// An array is appended in one copy; `repeatElement` would go byte by byte, for megabytes of every reserved file.
  private static func extend(_ bytes: inout [UInt8], to byteCount: Int) {
    bytes += [UInt8](repeating: 0, count: byteCount - bytes.count)
  }

  /// What may still come to light of a lost change, now that a later one is safe.
  private static func remainder(of lost: Change, under safe: Change) -> [Change] {
    switch (lost, safe) {
    case (.resize, .resize): return []
    case (.resize(let byteCount), .write(let over, let offset)): return byteCount < offset + over.count ? [] : [lost]
    case (.write(let bytes, let offset), .resize(let byteCount)):
      let kept = bytes.prefix(max(0, byteCount - offset))
      return kept.isEmpty ? [] : [.write(Array(kept), offset: offset)]
    case (.write(let bytes, let offset), .write(let over, let overOffset)):
      let end = offset + bytes.count
      let before = bytes.prefix(max(0, overOffset - offset))
      let behindOffset = min(end, max(offset, overOffset + over.count))
      let behind = bytes.suffix(end - behindOffset)
      var parts: [Change] = []
      if !before.isEmpty { parts.append(.write(Array(before), offset: offset)) }
      if !behind.isEmpty { parts.append(.write(Array(behind), offset: behindOffset)) }
      return parts
    }
  }
}

/// Decides for each unsynced piece whether a power loss leaves it.
struct CrashCoin {
  private let outcome: CrashOutcome
  private var state: UInt64 = 0

  init(_ outcome: CrashOutcome) {
    self.outcome = outcome
    if case .torn(let seed) = outcome { state = seed }
  }

  /// SplitMix64 for `.torn`.
  mutating func keeps() -> Bool {
    guard case .torn = outcome else { return false }
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return (mixed ^ (mixed >> 31)) & 1 == 1
  }
}
