import Bytes
import HTTPAPI
import Receipt

/// Says that the server is ready, once it answers HTTP and takes commands as well: both begin to listen when they please,
/// and who has read the line, or the socket's name in the lock, finds an open door.
final class ReadyLine: Sendable {
  private struct State {
    var http: HTTPConfiguration.Address?
    var takesCommands = false
  }

  private let doors: [(Door.Speech, Door.Address)]
  private let socket: String
  private let lock: DirectoryLock
  private let state = Locked(State())

  /// - Parameters:
  ///   - doors: where mail is taken already.
  ///   - socket: where commands are taken; told to other processes through `lock`.
  init(doors: [(Door.Speech, Door.Address)], socket: String, lock: DirectoryLock) {
    self.doors = doors
    self.socket = socket
    self.lock = lock
  }

  func answersHTTP(at address: HTTPConfiguration.Address) { note { $0.http = address } }

  func takesCommands() { note { $0.takesCommands = true } }

  private func note(_ change: (inout State) -> Void) {
    let state = state.withLock { state in
      change(&state)
      return state
    }
    guard let http = state.http, state.takesCommands else { return }
    lock.announce(socket: socket)
    let words = doors.map { " \($0.name)=\($1)" }.joined()
    StandardStream.output.print("ready http=\(http)\(words)")
  }
}
