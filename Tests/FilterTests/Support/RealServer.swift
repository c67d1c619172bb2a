import Foundation
import Glibc
import Testing

/// A program of Debian's that serves on Unix sockets in a directory of its own, for as long as a test needs it.
enum RealServer {
  struct NotReady: Error, CustomStringConvertible {
    let description: String
  }

  /// Starts the program, waits until all its sockets are there, and ends it afterwards.
  static func with<Result>(
    _ program: String, _ arguments: [String], in directory: String, sockets: [String],
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async throws -> Result {
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw NotReady(description: "\(program) is missing; .ci/setup tests installs it")
    }
    let log = directory + "/output.log"
    try #require(FileManager.default.createFile(atPath: log, contents: nil))
    let output = try #require(FileHandle(forWritingAtPath: log))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    defer {
      if process.isRunning { process.terminate() }
      process.waitUntilExit()
    }
    try await waitForSockets(sockets.map { "\(directory)/\($0)" }, of: process, log: log)
    return try await body()
  }

  /// There is no other sign of being ready that both programs give.
  private static func waitForSockets(_ paths: [String], of process: Process, log: String) async throws {
    for _ in 0..<1_200 {
      if paths.allSatisfy(accepts) { return }
      guard process.isRunning else { break }
      try await Task.sleep(for: .milliseconds(50))
    }
    let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    throw NotReady(description: "no server at \(paths): \(text.suffix(2_000))")
  }

  private static func accepts(_ path: String) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}
