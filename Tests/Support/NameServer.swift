import Bytes
import Glibc

/// A private `dnsmasq` on a free port of loopback, with records of its own and no others. Ended with `stop`, or when it is let go.
package final class NameServer: Sendable {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// `127.0.0.1:PORT`
  package let address: String
  private let process: pid_t
  private let output: CInt
  /// Its number may be another's afterwards.
  private let isStopped = Locked(false)

  /// Returns when it answers. Blocks.
  /// - Parameters:
  ///   - zones: whose other names do not exist.
  ///   - addresses: IPv4 addresses by name; they may be kept for an hour.
  ///   - texts: TXT records by name.
  /// - Throws: `Failure`, also where the Debian package dnsmasq-base is not installed.
  package init(zones: [String], addresses: [String: String], texts: [String: String] = [:]) throws {
    let port = try SilentServer().port
    address = "127.0.0.1:\(port)"
    let arguments =
      [
        "/usr/sbin/dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces",
        "--pid-file=", "--listen-address=127.0.0.1", "--port=\(port)", "--user=", "--local-ttl=3600",
      ] + zones.map { "--local=/\($0)/" } + addresses.map { "--host-record=\($0.key),\($0.value)" }
      + texts.map { "--txt-record=\($0.key),\($0.value)" }
    var pair: [CInt] = [-1, -1]
    guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
      throw Failure(description: "no socket: errno \(errno)")
    }
    output = pair[0]
    do {
      process = try Self.spawn(arguments, errors: pair[1])
    } catch {
      close(pair[0])
      close(pair[1])
      throw error
    }
    // It alone has this end now, so that its end is the end of what is read.
    close(pair[1])
    try wait(for: "started, version")
  }

  /// Not by Foundation, which takes a process for ended that closes what it inherits, as this one does, and would then wait for it
  /// and for no other. It also starts processes with the signals blocked that the thread has blocked.
  private static func spawn(_ arguments: [String], errors: CInt) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, errors, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let words = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    let environment: [UnsafeMutablePointer<CChar>?] = [nil]
    var process: pid_t = 0
    let status = posix_spawn(&process, arguments[0], &actions, &attributes, words, environment)
    guard status == 0 else {
      throw Failure(
        description: "\(arguments[0]) cannot be started, errno \(status): install dnsmasq-base (.ci/setup tests)")
    }
    return process
  }

  /// It says so when its sockets are open.
  private func wait(for words: String) throws {
    var text = ""
    var bytes = [UInt8](repeating: 0, count: 4_096)
    while !text.contains(words) {
      let count = read(output, &bytes, bytes.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Failure(description: "dnsmasq did not start: \(text)") }
      text += String(decoding: bytes.prefix(count), as: UTF8.self)
    }
  }

  /// Blocks until it has gone.
  package func stop() {
    let wasStopped = isStopped.withLock { isStopped in
      defer { isStopped = true }
      return isStopped
    }
    if wasStopped { return }
    kill(process, SIGKILL)
    var status: CInt = 0
    waitpid(process, &status, 0)
    close(output)
  }

  deinit { stop() }
}

/// Takes questions on a free port of loopback and answers none.
package final class SilentServer: Sendable {
  private let descriptor: CInt
  package let port: Int

  package var address: String { "127.0.0.1:\(port)" }

  package init() throws {
    let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
      }
    }
    guard result == 0 else {
      close(descriptor)
      throw NameServer.Failure(description: "no free port: errno \(errno)")
    }
    self.descriptor = descriptor
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { close(descriptor) }
}
