import Bytes

/// What is asked about one connection: begun when it connects, and looked at when a mail begins.
///
/// An answer is taken until somebody has waited long enough; what is missing then is as if the client were on none of those lists,
/// for all of the connection.
final class BlocklistCheck: Sendable {
  private struct State {
    var answers: [BlocklistVerdict.Answer]
    var waiting: [CheckedContinuation<Void, Never>] = []

    var isDone: Bool { !answers.contains(.pending) }
  }

  private let policy: BlocklistPolicy
  private let counter: BlocklistCounter
  private let state: Locked<State>
  /// Of the clock of whoever asks.
  let end: Duration

  init(_ policy: BlocklistPolicy, counter: BlocklistCounter, begin: Duration) {
    self.policy = policy
    self.counter = counter
    end = begin + policy.timeout
    state = Locked(State(answers: Array(repeating: .pending, count: policy.lists.count)))
  }

  /// `nil` while a list has not answered.
  var verdict: BlocklistVerdict? {
    let answers = state.withLock { $0.isDone ? $0.answers : nil }
    return answers.map { BlocklistVerdict(policy, $0) }
  }

  /// A list has answered. The second time, and when nobody waits any longer, nothing happens.
  func note(_ answer: BlocklistVerdict.Answer, ofList number: Int) {
    let (isNew, waiting) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
      guard state.answers[number] == .pending else { return (false, []) }
      state.answers[number] = answer
      guard state.isDone else { return (true, []) }
      defer { state.waiting = [] }
      return (true, state.waiting)
    }
    if isNew { counter.note(answer, of: policy.lists[number].zone) }
    waiting.forEach { $0.resume() }
  }

  /// Waits so long at most for those that are missing.
  func verdict(within rest: Duration) async -> BlocklistVerdict {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.waitForAll() }
      group.addTask {
        try? await Task.sleep(for: rest)
        self.giveUp()
      }
      await group.next()
      group.cancelAll()
    }
    return verdict ?? .clean
  }

  private func giveUp() {
    for number in policy.lists.indices { note(.unavailable, ofList: number) }
  }

  private func waitForAll() async {
    await withCheckedContinuation { continuation in
      let isDone = state.withLock { state in
        if !state.isDone { state.waiting.append(continuation) }
        return state.isDone
      }
      if isDone { continuation.resume() }
    }
  }
}
