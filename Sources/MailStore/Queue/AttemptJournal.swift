import Bytes

/// Which mails were being processed when a process died: the file `receive/attempts` (docs/formats/attempts.md).
///
/// Only mails that were queued when the process started are noted, as a mail that kills processes is among them from the
/// second death on; whatever comes and goes within one process costs nothing. Notes are written and not synced: a process that
/// dies leaves them to the kernel. Where one is lost, with the machine or on a full disk, a death goes unnoticed and the
/// mail is tried once more; so no error of this file stops anything.
final class AttemptJournal: Sendable {
  private struct State {
    var file: (any File)?
    var end: UInt64 = 0
    var open: Set<QueueItemID> = []
    var isBroken = false
  }

  private let fileSystem: any FileSystem
  private let path: String
  private let state = Locked(State())
  /// Of the mails that are still queued: how often a process died over them.
  let deaths: [QueueItemID: Int]

  /// Counts what the last process left under way, and writes the file anew with what is still queued. Blocks.
  init(fileSystem: any FileSystem, path: String, unfinished: [QueueItemID]) {
    self.fileSystem = fileSystem
    self.path = path
    let recorded = Self.read(fileSystem, path)
    let known = Set(unfinished)
    deaths = recorded.filter { known.contains($0.key) }
    guard fileSystem.exists(path) else { return }
    do {
      if deaths.isEmpty {
        try fileSystem.remove(path)
      } else {
        let records = deaths.sorted { $0.key < $1.key }.map { AttemptRecord(.deaths($0.value), $0.key) }
        try fileSystem.replaceFile(path, with: records.flatMap(\.bytes))
      }
    } catch {
      // What is counted now must not be counted again: the old file gets no more notes.
      state.withLock { $0.isBroken = true }
    }
  }

  private static func read(_ fileSystem: any FileSystem, _ path: String) -> [QueueItemID: Int] {
    guard fileSystem.exists(path), let file = try? fileSystem.open(path, .read) else { return [:] }
    defer { file.close() }
    guard let byteCount = try? file.byteCount() else { return [:] }
    let whole = Int(min(byteCount, maxByteCount)) / AttemptRecord.byteCount * AttemptRecord.byteCount
    return (try? file.readExactly(at: 0, byteCount: whole)).map(AttemptRecord.deaths(in:)) ?? [:]
  }

  /// Two notes for each of four million mails.
  private static let maxByteCount: UInt64 = 128 << 20

  /// The mail is given to a worker. Blocks.
  func begin(_ id: QueueItemID) {
    state.withLock { state in
      guard state.open.insert(id).inserted else { return }
      append(.began, id, &state)
    }
  }

  /// The worker has come back. Blocks.
  func end(_ id: QueueItemID) {
    state.withLock { state in
      guard state.open.remove(id) != nil else { return }
      append(.ended, id, &state)
    }
  }

  /// The process ends in good order: what is under way now did not kill it. Blocks.
  func close() {
    state.withLock { state in
      for id in state.open.sorted() { append(.ended, id, &state) }
      state.open = []
      state.file?.close()
      state.file = nil
      state.isBroken = true
    }
  }

  private func append(_ event: AttemptRecord.Event, _ id: QueueItemID, _ state: inout State) {
    guard !state.isBroken else { return }
    do {
      if state.file == nil {
        let file = try fileSystem.open(path, fileSystem.exists(path) ? .readWrite : .create)
        state.end = try file.byteCount()
        state.file = file
      }
      let bytes = AttemptRecord(event, id).bytes
      try state.file?.write(bytes, at: state.end)
      state.end += UInt64(bytes.count)
    } catch {
      state.isBroken = true
    }
  }
}

/// Sixteen bytes: item (8, little-endian), event (1), number (1), two zeros, CRC-32C of these twelve (4, little-endian).
struct AttemptRecord: Equatable {
  enum Event: Equatable {
    case began
    case ended
    /// So many until this process; 255 for more.
    case deaths(Int)
  }

  static let byteCount = 16

  let event: Event
  let id: QueueItemID

  init(_ event: Event, _ id: QueueItemID) {
    self.event = event
    self.id = id
  }

  var bytes: [UInt8] {
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: id.rawValue >> (8 * $0)) }
    switch event {
    case .began: bytes += [1, 0]
    case .ended: bytes += [2, 0]
    case .deaths(let count): bytes += [3, UInt8(clamping: count)]
    }
    bytes += [0, 0]
    let checksum = CRC32C.checksum(bytes)
    return bytes + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) }
  }

  /// - Returns: nil for anything but sixteen bytes that belong together.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    let bytes = Array(bytes)
    func number(_ range: Range<Int>) -> UInt64 { bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    guard number(12..<16) == UInt64(CRC32C.checksum(bytes[..<12])) else { return nil }
    switch bytes[8] {
    case 1: event = .began
    case 2: event = .ended
    case 3: event = .deaths(Int(bytes[9]))
    default: return nil
    }
    id = QueueItemID(rawValue: number(0..<8))
  }

  /// How often a process died over each, by all records up to the first that is damaged.
  static func deaths(in bytes: [UInt8]) -> [QueueItemID: Int] {
    var deaths: [QueueItemID: Int] = [:]
    var open: Set<QueueItemID> = []
    for start in stride(from: 0, to: bytes.count, by: byteCount) {
      guard let record = AttemptRecord(bytes[start..<min(start + byteCount, bytes.count)]) else { break }
      switch record.event {
      case .began: open.insert(record.id)
      case .ended: open.remove(record.id)
      case .deaths(let count): deaths[record.id] = count > 0 ? count : nil
      }
    }
    for id in open { deaths[id, default: 0] += 1 }
    return deaths
  }
}
