import Bytes

/// Keeps frames from being swept whose references stand nowhere yet where a sweep would find them: of a mail that is stored
/// and not yet committed, or on its way from one holder to another.
///
///     let hold = originals.hold()
///     defer { hold.release() }
///     let original = try await originals.store(bytes, holding: hold)
///     _ = try await mailboxes.deliver(…original…)
///
/// Ends with `release`, or when nobody has it any more. One store at a time; otherwise any thread may call.
package final class PackHold: Sendable {
  private let holds: PackHolds
  private let state: Locked<State>

  private struct State {
    var references: [BlobReference] = []
    var storing: UInt64?
  }

  init(_ holds: PackHolds) {
    self.holds = holds
    state = Locked(State())
  }

  deinit { release() }

  /// What the reference leads to stays: a recipe's attachments too.
  package func keep(_ reference: BlobReference) {
    state.withLock { $0.references.append(reference) }
    holds.keep(reference)
  }

  /// The same, for a frame that somebody may be sweeping: of which nobody has said yet that it is needed.
  /// - Returns: false when its pack is closed, and the frame may go.
  func keepUnlessClosed(_ reference: BlobReference) -> Bool {
    guard holds.keepUnlessClosed(reference) else { return false }
    state.withLock { $0.references.append(reference) }
    return true
  }

  /// Every frame that is appended from now on stays, until `endStoring`.
  /// - Parameter number: no file with a lower one takes any more.
  func beginStoring(from number: UInt32) {
    let ticket = holds.protect(from: number)
    let earlier = state.withLock { state in
      defer { state.storing = ticket }
      return state.storing
    }
    if let earlier { holds.unprotect(earlier) }
  }

  func endStoring() {
    let ticket = state.withLock { $0.storing.take() }
    if let ticket { holds.unprotect(ticket) }
  }

  package func release() {
    let references = state.withLock { state in
      defer { state.references = [] }
      return state.references
    }
    references.forEach(holds.release)
    endStoring()
  }
}

/// What `PackHold`s hold, and which packs are closed because a sweep is at work on them.
///
/// A sweep may drop what no reference was found to at any time since its packs were closed. So whatever is held at the closing, or
/// comes to be held before the sweep has looked, is remembered until the sweep ends (`seen`), also when it is released meanwhile:
/// a reference that moves from a holder which was not asked yet to one that was asked already is found here. And nothing that was
/// unreferenced at the closing can come to be referenced: a closed pack is no source of attachments for new mail.
final class PackHolds: Sendable {
  private struct State {
    var counts: [BlobReference: Int] = [:]
    /// From which number on files stay, by ticket.
    var floors: [UInt64: UInt32] = [:]
    var lastTicket: UInt64 = 0
    var closed: Set<UInt32> = []
    /// Nil while there is no sweep.
    var seen: Set<BlobReference>?
  }

  private let state = Locked(State())

  func keep(_ reference: BlobReference) { state.withLock { Self.keep(reference, &$0) } }

  func keepUnlessClosed(_ reference: BlobReference) -> Bool {
    state.withLock { state in
      if state.closed.contains(reference.pack) { return false }
      Self.keep(reference, &state)
      return true
    }
  }

  private static func keep(_ reference: BlobReference, _ state: inout State) {
    state.counts[reference, default: 0] += 1
    state.seen?.insert(reference)
  }

  func release(_ reference: BlobReference) {
    state.withLock { state in
      guard let count = state.counts[reference] else { return }
      state.counts[reference] = count > 1 ? count - 1 : nil
    }
  }

  func protect(from number: UInt32) -> UInt64 {
    state.withLock { state in
      state.lastTicket += 1
      state.floors[state.lastTicket] = number
      return state.lastTicket
    }
  }

  func unprotect(_ ticket: UInt64) { state.withLock { $0.floors[ticket] = nil } }

  /// Held now.
  var references: [BlobReference] { state.withLock { Array($0.counts.keys) } }

  /// Files from this number on may get frames that nobody names yet.
  var floor: UInt32 { state.withLock { $0.floors.values.min() ?? .max } }

  // MARK: Sweeps

  /// Closes packs, all but those into which somebody may just have written.
  /// - Returns: the closed ones; nil while another sweep goes on.
  func beginSweep(of numbers: [UInt32]) -> [UInt32]? {
    state.withLock { state in
      if state.seen != nil { return nil }
      state.seen = Set(state.counts.keys)
      let floor = state.floors.values.min() ?? .max
      let closed = numbers.filter { $0 < floor }
      state.closed = Set(closed)
      return closed
    }
  }

  /// Held at any time since the sweep began.
  var referencesOfSweep: [BlobReference] { state.withLock { Array($0.seen ?? []) } }

  func reopen(_ number: UInt32) { state.withLock { _ = $0.closed.remove(number) } }

  func endSweep() {
    state.withLock { state in
      state.closed = []
      state.seen = nil
    }
  }
}
