import Foundation
import Glibc
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The server's ear for commands: HTTP on a Unix socket that only the server's own user can open.
struct CommandSocket: Service {
  let engine: Engine
  let reload: PolicyReload
  let path: String
  let logger: Logger
  /// Called once commands are taken.
  let onListening: @Sendable () -> Void

  func run() async throws {
    unsafe _ = unlink(path)
    let router = Router()
    router.post("command") { request, _ in
      let body = try await request.body.collect(upTo: 1 << 20)
      let command = try JSONDecoder().decode(CommandRequest.self, from: Data(body.readableBytesView))
      return Response(
        status: .ok, headers: [.contentType: "application/x-ndjson"],
        body: .init { writer in
          try await answer(command, to: &writer)
          try await writer.finish(nil)
        })
    }
    let socket = path
    let application = Application(
      router: router, configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socket)),
      onServerRunning: { _ in
        unsafe _ = chmod(socket, 0o600)
        onListening()
      },
      logger: logger)
    try await application.run()
    unsafe _ = unlink(path)
  }

  private func answer(_ command: CommandRequest, to writer: inout any ResponseBodyWriter) async throws {
    let (events, continuation) = AsyncStream.makeStream(of: CommandEvent.self)
    let runner = CommandRunner(engine: engine, isServing: true, reload: reload)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { continuation.finish() }
        do {
          try await runner.run(command) { continuation.yield($0) }
          continuation.yield(.done)
        } catch is CancellationError {
          return
        } catch {
          continuation.yield(.failed("\(error)"))
        }
      }
      for await event in events {
        var line = try JSONEncoder().encode(event)
        line.append(UInt8(ascii: "\n"))
        try await writer.write(ByteBuffer(bytes: line))
      }
      group.cancelAll()
    }
  }

  /// The socket's place: in the data directory, or in a private one where that path is too long for a socket
  /// (`sockaddr_un` holds 108 bytes).
  static func path(in data: String) throws -> String {
    let ordinary = URL(fileURLWithPath: data).standardizedFileURL.path + "/run"
    guard ordinary.utf8.count < 90 else { return try privateDirectory() + "/maildex.sock" }
    try FileManager.default.createDirectory(
      atPath: ordinary, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    unsafe _ = chmod(ordinary, 0o700)
    return ordinary + "/maildex.sock"
  }

  /// A new directory of an unpredictable name with mode 0700: nobody else can have made it before.
  private static func privateDirectory() throws -> String {
    var template = Array((NSTemporaryDirectory() + "maildex-XXXXXX").utf8CString)
    guard let made = unsafe mkdtemp(&template) else {
      throw CommandFailure("no directory for the command socket: \(unsafe String(cString: strerror(errno)))")
    }
    return unsafe String(cString: made)
  }
}
