import Foundation
import Glibc

/// A private `dnsmasq` on a free port of loopback, with records of its own and no others. Ended with `stop`, or when it is let go.
package final class NameServer: @unchecked Sendable {
  // Sendable because all of it is set once, but for the process, which is safe to use from any thread.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// `127.0.0.1:PORT`
  package let address: String
  private let process = Process()
  private let server: pid_t

  /// Returns when it answers. Blocks.
  /// - Parameters:
  ///   - zones: whose other names do not exist.
  ///   - addresses: IPv4 addresses by name; they may be kept for an hour.
  ///   - texts: TXT records by name.
  /// - Throws: `Failure`, also where the Debian package dnsmasq-base is not installed.
  package init(zones: [String], addresses: [String: String], texts: [String: String] = [:]) throws {
    let path = "/usr/sbin/dnsmasq"
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw Failure(description: "\(path) is missing: install dnsmasq-base (.ci/setup tests)")
    }
    let port = try SilentServer().port
    address = "127.0.0.1:\(port)"
    // dnsmasq closes what it inherits, by which Foundation knows that a process has ended; it would wait for it then, and for no
    // other process meanwhile. The shell, which says its number, stays beside it and keeps all open.
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      [
        "-c", "\"$@\" & echo $!; wait $!", "sh", path, "--no-daemon",
        "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", "--pid-file=",
        "--listen-address=127.0.0.1", "--port=\(port)", "--user=\(NSUserName())", "--local-ttl=3600",
      ] + zones.map { "--local=/\($0)/" } + addresses.map { "--host-record=\($0.key),\($0.value)" }
      + texts.map { "--txt-record=\($0.key),\($0.value)" }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let number = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let number = pid_t(number.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw Failure(description: "the shell did not start dnsmasq")
    }
    server = number
    try Self.wait(for: "started, version", in: errors.fileHandleForReading)
  }

  /// It says so when its sockets are open.
  private static func wait(for words: String, in output: FileHandle) throws {
    var text = ""
    while !text.contains(words) {
      let data = output.availableData
      guard !data.isEmpty else { throw Failure(description: "dnsmasq did not start: \(text)") }
      text += String(decoding: data, as: UTF8.self)
    }
    // Whatever else it says must not fill the pipe.
    output.readabilityHandler = { if $0.availableData.isEmpty { $0.readabilityHandler = nil } }
  }

  /// Blocks until it has gone. By a signal that cannot be blocked: a process inherits what the thread that starts it has blocked.
  package func stop() {
    if process.isRunning { kill(server, SIGKILL) }
    process.waitUntilExit()
  }

  deinit { if process.isRunning { kill(server, SIGKILL) } }
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
