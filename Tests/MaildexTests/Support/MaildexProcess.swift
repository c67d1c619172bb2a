import Bytes
import Foundation
import TestSupport
import Testing

/// What a process that has ended left behind.
struct ProcessResult: Sendable, CustomStringConvertible {
  /// The exit code, or the signal's number when a signal ended it.
  let status: Int32
  let output: String
  let errors: String

  var outputLines: [String] { Self.lines(output) }
  var errorLines: [String] { Self.lines(errors) }
  var description: String { "status \(status)\n\(output)\(errors)" }

  private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
}

/// The built `maildex` as a process of its own: arguments in; output, errors and status out.
///
/// Its standard streams are files, so that nothing has to be drained, except where a test follows the output as it comes.
final class MaildexProcess: Sendable {
  let pid: pid_t
  private let directory: String
  private let output: FileHandle?
  private let ending: Ending

  /// Starts the executable.
  /// - Parameters:
  ///   - environment: instead of this process's own, so that no `MAILDEX_…` of the machine has a say.
  ///   - input: what is on its standard input; nothing where there is none.
  ///   - isFollowed: `nextLine` gives its output; `result` has none then.
  init(
    _ arguments: [String], environment: [String: String] = [:], input: String? = nil, isFollowed: Bool = false
  ) throws {
    directory = NSTemporaryDirectory() + "/maildex-process-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = try Self.executable()
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin", "HOME": directory].merging(environment) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardInput = FileHandle.nullDevice
    if let input { process.standardInput = try Self.readable(input, at: directory + "/input") }
    process.standardError = try Self.file(directory + "/errors")
    let pipe = isFollowed ? Pipe() : nil
    if let pipe { process.standardOutput = pipe } else { process.standardOutput = try Self.file(directory + "/output") }
    output = pipe?.fileHandleForReading
    let ending = Ending()
    process.terminationHandler = { ending.note($0.terminationStatus) }
    try process.run()
    pid = process.processIdentifier
    self.ending = ending
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Runs to the end. A test that is out of time ends the process.
  static func run(
    _ arguments: [String], environment: [String: String] = [:], input: String? = nil
  ) async throws -> ProcessResult {
    let process = try MaildexProcess(arguments, environment: environment, input: input)
    return await withTaskCancellationHandler {
      await process.result()
    } onCancel: {
      process.send(SIGKILL)
    }
  }

  /// Does nothing to a process that has ended.
  func send(_ signal: Int32) { ending.ifRunning { kill(pid, signal) } }

  /// What it left, once it has ended.
  func result() async -> ProcessResult {
    let status = await ending.status()
    return ProcessResult(status: status, output: text("output"), errors: text("errors"))
  }

  /// What it said on standard error so far.
  var errorsSoFar: String { text("errors") }

  /// Standard output up to its first line feed; less when it ended before.
  func firstLine() async throws -> String {
    guard let output else { return "" }
    return try await Blocking.run {
      var line: [UInt8] = []
      while let byte = try output.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { line.append(byte) }
      return String(decoding: line, as: UTF8.self)
    }
  }

  private func text(_ name: String) -> String {
    String(decoding: FileManager.default.contents(atPath: directory + "/" + name) ?? Data(), as: UTF8.self)
  }

  private static func file(_ path: String) throws -> FileHandle {
    try Data().write(to: URL(fileURLWithPath: path))
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  private static func readable(_ text: String, at path: String) throws -> FileHandle {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
  }

  /// SwiftPM lays the products of a package side by side.
  static func executable() throws -> URL {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    let url = bundle.deletingLastPathComponent().appendingPathComponent("maildex")
    try #require(
      FileManager.default.isExecutableFile(atPath: url.path),
      "no maildex executable at \(url.path), beside the test bundle; build it with 'swift build --build-tests'")
    return url
  }
}

/// The end of a process, for those who wait for it.
private final class Ending: Sendable {
  private struct State {
    var status: Int32?
    var waiting: [CheckedContinuation<Int32, Never>] = []
  }

  private let state = Locked(State())

  func note(_ status: Int32) {
    let waiting = state.withLock { state in
      state.status = status
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume(returning: status) }
  }

  func status() async -> Int32 {
    await withCheckedContinuation { continuation in
      let status = state.withLock { state in
        if state.status == nil { state.waiting.append(continuation) }
        return state.status
      }
      if let status { continuation.resume(returning: status) }
    }
  }

  /// A number is given to no other process while its owner has not been waited for.
  func ifRunning(_ body: () -> Void) { state.withLock { if $0.status == nil { body() } } }
}

/// Calls that block have threads of their own, so that the other tests of this process go on.
enum Blocking {
  private static let threads = BlockingThreads(name: "process-tests", threads: 16)

  static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await threads.run(body)
  }
}
