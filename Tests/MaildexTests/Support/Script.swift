import Foundation

/// A program of the machine, as a client that knows nothing of ours.
enum Script {
  struct Result: Sendable, CustomStringConvertible {
    let status: Int32
    let output: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }
    var description: String { "status \(status)\n\(output)" }
  }

  /// Python's standard library only; `arguments` are `sys.argv[1:]`. What it prints, errors too, is its output.
  static func python(_ text: String, _ arguments: [String]) async throws -> Result {
    try await run(["python3", "-c", text] + arguments)
  }

  static func shell(_ text: String, _ arguments: [String]) async throws -> Result {
    try await run(["sh", "-c", text, "sh"] + arguments)
  }

  static func run(_ command: [String]) async throws -> Result {
    try await Blocking.run {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = command
      process.standardInput = FileHandle.nullDevice
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = pipe
      try process.run()
      let output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return Result(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
    }
  }
}
