import Bytes
import CCAres
import Foundation
import Glibc
import SMTP

/// Asks DNS servers. c-ares sends, asks again, changes servers and checks whose answer it is; what an answer says is read by
/// `DNSMessage`.
///
/// A channel of c-ares belongs to one thread, which sleeps in poll(2) until a server answers, a time is over, or somebody has a
/// question. `close` answers what is under way with `.unavailable`: each question is answered once, whatever happens.
final class DNSResolver: Sendable {
  enum RecordType: CInt, Sendable {
    case a = 1, txt = 16
  }

  enum Outcome: Equatable, Sendable {
    /// A server has answered: by records, or that there are none.
    case answer(DNSMessage)
    /// No server did in time, or not so that it could be understood.
    case unavailable
  }

  struct Question: Sendable {
    let name: String
    let type: RecordType
    /// On the resolver's thread: must not block.
    let completion: @Sendable (Outcome) -> Void
  }

  private struct State {
    var questions: [Question] = []
    /// Asked and not answered.
    var pendingCount = 0
    var isClosed = false
  }

  /// More than so many are not asked at once.
  static let maxPending = 4_096

  private let state = Locked(State())
  private let wakening: WakeningDescriptor
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameter servers: `192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]:5353`; empty for those of `/etc/resolv.conf`.
  /// - Throws: `FileError` where the process has no descriptor left.
  init(servers: [String]) throws {
    let wakening = try WakeningDescriptor()
    self.wakening = wakening
    let thread = Thread { [state, ended] in
      Self.run(servers, state, wakening)
      ended.signal()
    }
    thread.name = "dns"
    thread.stackSize = 1 << 20
    thread.start()
  }

  func ask(_ question: Question) {
    let isTaken = state.withLock { state in
      guard !state.isClosed, state.pendingCount < Self.maxPending else { return false }
      state.pendingCount += 1
      state.questions.append(question)
      return true
    }
    if isTaken { wakening.wake() } else { question.completion(.unavailable) }
  }

  /// Ends what is under way, and the thread. Blocks for a moment.
  func close() {
    let wasClosed = state.withLock { state in
      defer { state.isClosed = true }
      return state.isClosed
    }
    if wasClosed { return }
    wakening.wake()
    ended.wait()
  }

  // MARK: - The thread

  private static func run(_ servers: [String], _ state: Locked<State>, _ wakening: WakeningDescriptor) {
    let channel = DNSChannel(servers: servers)
    while true {
      let (questions, isClosed) = state.withLock { state in
        defer { state.questions = [] }
        return (state.questions, state.isClosed)
      }
      for question in questions {
        let counted = Question(name: question.name, type: question.type) { outcome in
          state.withLock { $0.pendingCount -= 1 }
          question.completion(outcome)
        }
        if let channel, !isClosed { channel.ask(counted) } else { counted.completion(.unavailable) }
      }
      if isClosed { break }
      if let channel { channel.wait(or: wakening.descriptor) } else { wakening.wait() }
      wakening.clear()
    }
    channel?.close()
  }
}

/// A socket that is readable when somebody has called.
private final class WakeningDescriptor: Sendable {
  /// To wait at.
  let descriptor: CInt
  private let other: CInt

  init() throws {
    var pair: [CInt] = [-1, -1]
    let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    guard unsafe socketpair(AF_UNIX, CInt(type), 0, &pair) == 0 else {
      throw ReceiptError(.noRoom, "no socket for look-ups in DNS: errno \(errno)")
    }
    (descriptor, other) = (pair[0], pair[1])
  }

  deinit {
    close(descriptor)
    close(other)
  }

  /// One byte more or less says the same, so a full socket is no trouble.
  func wake() {
    var byte: UInt8 = 1
    _ = unsafe write(other, &byte, 1)
  }

  func clear() {
    var bytes = [UInt8](repeating: 0, count: 256)
    while unsafe read(descriptor, &bytes, bytes.count) == bytes.count {}
  }

  func wait() {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&waiting, 1, -1)
  }
}
