import Bytes
import Filter

/// Answers as it is told, one time after another, and the last time for ever.
final class StubFilter: Filter {
  enum Answer: Sendable {
    case finding(FilterFinding)
    case error(FilterError)
    /// None, until it is cancelled.
    case silence
    /// When the gate opens.
    case when(Turnstile, FilterFinding)
  }

  let name: String
  private let answers: Locked<[Answer]>
  private let count = Locked(0)

  init(_ name: String, _ answers: Answer...) {
    self.name = name
    self.answers = Locked(answers)
  }

  var asked: Int { count.withLock { $0 } }

  func check(_ mail: FilteredMail) async throws -> FilterFinding {
    count.withLock { $0 += 1 }
    switch next() {
    case .finding(let finding): return finding
    case .error(let error): throw error
    case .silence:
      try await Task.sleep(for: .seconds(86_400))
      return FilterFinding()
    case .when(let turnstile, let finding):
      await turnstile.pass()
      return finding
    }
  }

  private func next() -> Answer {
    answers.withLock { answers -> Answer in
      if answers.count > 1 { return answers.removeFirst() }
      return answers[0]
    }
  }
}

/// Lets nobody through until it is opened, and tells how many stand before it.
actor Turnstile {
  private var isOpen = false
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  private var arrivals = 0

  func pass() async {
    arrivals += 1
    for watcher in watchers where watcher.count <= arrivals { watcher.continuation.resume() }
    watchers.removeAll { $0.count <= arrivals }
    if !isOpen { await withCheckedContinuation { waiting.append($0) } }
  }

  func open() {
    isOpen = true
    for continuation in waiting { continuation.resume() }
    waiting = []
  }

  /// Returns when so many have come.
  func waitForArrivals(_ count: Int) async {
    if arrivals < count { await withCheckedContinuation { watchers.append((count, $0)) } }
  }
}
