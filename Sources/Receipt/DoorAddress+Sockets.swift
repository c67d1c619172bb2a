import Glibc
import NIOCore
import NIOPosix

extension Door.Address {
  /// Of a Unix socket.
  var path: String? {
    if case .unix(let path) = self { path } else { nil }
  }

  /// With what the system chose.
  func bound(as address: SocketAddress?) -> Door.Address {
    switch self {
    case .tcp(let host, let port): .tcp(host: address?.ipAddress ?? host, port: address?.port ?? port)
    case .unix: self
    }
  }

  /// The file of a Unix socket outlives a process that was killed, and then must make room; but not that of a living one.
  /// - Throws: `IOError`, with `EADDRINUSE` if somebody listens, else with what left it open: a living process has a full
  ///   backlog (`EAGAIN`), another kind of socket (`EPROTOTYPE`) or lets us not connect (`EACCES`) as well.
  func checkThatNobodyListens(on group: any EventLoopGroup) async throws {
    guard let path else { return }
    do {
      let channel = try await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get()
      try? await channel.close().get()
    } catch let error as IOError where error.errnoCode == ENOENT || error.errnoCode == ECONNREFUSED {
      return
    } catch let error as IOError {
      throw IOError(errnoCode: error.errnoCode, reason: "cannot tell whether the socket is in use: connect")
    }
    throw IOError(errnoCode: EADDRINUSE, reason: "connect")
  }
}
