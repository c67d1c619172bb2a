import Bytes

/// The queue's side of the receive log: which items the log holds unfinished, and which finished ones still have to be
/// written to it.
final class QueueLog: PackAppenderDelegate {
  /// An item whose work is done.
  struct Finished: Sendable {
    let item: FinishedItem
    let spoolNumber: UInt64?
  }

  /// So many are not left to the next mail.
  private static let urgentCount = 256

  private let state = Locked(State())
  private let didFinish: @Sendable ([Finished]) -> Void

  private struct State {
    /// By the durable frames so far; only the writing thread changes it.
    var unfinished: Set<QueueItemID> = []
    var gathered: [Finished] = []
    var inFlight: [Finished] = []
  }

  /// - Parameter didFinish: called on the log's thread when `finished` records are durable.
  init(didFinish: @escaping @Sendable ([Finished]) -> Void) { self.didFinish = didFinish }

  /// - Returns: whether so many have gathered that they should be written now.
  func gather(_ finished: Finished) -> Bool {
    state.withLock { state in
      state.gathered.append(finished)
      return state.gathered.count >= Self.urgentCount
    }
  }

  // MARK: Recovery

  /// Follows the log as it is read again.
  func replay(_ frame: RecoveredFrame) throws {
    switch PackRecord.Kind(rawValue: frame.header.kind) {
    case .received: _ = state.withLock { $0.unfinished.insert(QueueItemID(frame.reference)) }
    case .finished:
      let ids = try Self.ids(in: frame)
      state.withLock { $0.unfinished.subtract(ids) }
    case .checkpoint:
      let ids = try Self.ids(in: frame)
      state.withLock { $0.unfinished = Set(ids) }
    case .original, .recipe, .attachment, .void, .seal, nil: break
    }
  }

  private static func ids(in frame: RecoveredFrame) throws -> [QueueItemID] {
    try ids(in: PackRecord(header: frame.header, payload: frame.payload, limit: 256 << 20).bytes)
  }

  var unfinished: [QueueItemID] { state.withLock { $0.unfinished.sorted() } }

  // MARK: PackAppenderDelegate

  func recordsForNewFile() -> [PackRecord] {
    [PackRecord(kind: .checkpoint, bytes: Self.bytes(of: state.withLock { $0.unfinished.sorted() }))]
  }

  func gatherRecords() -> [PackRecord] {
    let ids = state.withLock { state in
      state.inFlight = state.gathered
      state.gathered = []
      return state.inFlight.map(\.item.id)
    }
    return ids.isEmpty ? [] : [PackRecord(kind: .finished, bytes: Self.bytes(of: ids))]
  }

  func didCommit(_ references: [(PackRecord.Kind, BlobReference)]) {
    let finished = state.withLock { state in
      for (kind, reference) in references where kind == .received {
        state.unfinished.insert(QueueItemID(reference))
      }
      state.unfinished.subtract(state.inFlight.map(\.item.id))
      defer { state.inFlight = [] }
      return state.inFlight
    }
    if !finished.isEmpty { didFinish(finished) }
  }

  func didFail() {
    state.withLock { state in
      state.gathered = state.inFlight + state.gathered
      state.inFlight = []
    }
  }

  // MARK: Codec

  static func bytes(of ids: [QueueItemID]) -> [UInt8] {
    var writer = ByteWriter(reserving: 2 + 6 * ids.count)
    writer.writeVarint(ids.count)
    for id in ids { writer.writeVarint(id.rawValue) }
    return writer.bytes
  }

  static func ids(in bytes: [UInt8]) throws(DecodingError) -> [QueueItemID] {
    var reader = ByteReader(bytes)
    var ids: [QueueItemID] = []
    for _ in 0..<(try reader.readCount()) { ids.append(QueueItemID(rawValue: try reader.readVarint())) }
    return ids
  }
}

extension QueueItemID {
  /// An item's number is where its frame lies: rising in the order of acceptance, and the frame is found by it.
  init(_ reference: BlobReference) {
    self.init(rawValue: UInt64(reference.pack) << 32 | reference.offset / PackFrame.alignment)
  }

  var pack: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }
  var offset: UInt64 { (rawValue & 0xFFFF_FFFF) * PackFrame.alignment }
}
