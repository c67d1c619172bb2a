import Foundation
import Glibc
import TestSupport

/// A blocking TCP connection to loopback that gives up when nothing happens for `patience`.
///
/// Sendable because a test makes one call at a time, whichever thread it is on.
final class Connection: @unchecked Sendable {
  struct Failure: Error, CustomStringConvertible { let description: String }

  /// Much longer than anything takes, so that only a hang meets it.
  private static let patience = timeval(tv_sec: 60, tv_usec: 0)

  private let descriptor: Int32
  private var received: [UInt8] = []

  /// - Parameter address: `127.0.0.1:PORT`.
  init(to address: String) throws {
    guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      throw Failure(description: "no port in \(address)")
    }
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var patience = Self.patience
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = port.bigEndian
    target.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &target) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Self.failure("connect to \(address)") }
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Self.failure("send") }
      sent += count
    }
  }

  /// One line without its CR LF.
  func receiveLine() throws -> String {
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: received[..<end], as: UTF8.self)
        received.removeFirst(end + 1)
        return line.trimmingCharacters(in: .newlines)
      }
      guard try receive() else { throw Failure(description: "the server closed the connection") }
    }
  }

  func receiveAll() throws -> [UInt8] {
    while try receive() {}
    return received
  }

  /// - Returns: false at the end.
  private func receive() throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 else { throw Self.failure("receive") }
    received += buffer[..<count]
    return count > 0
  }

  private static func failure(_ what: String) -> Failure {
    Failure(description: "\(what): \(String(cString: strerror(errno)))")
  }
}
