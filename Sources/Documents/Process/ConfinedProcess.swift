import Bytes
private import CConfined
import Glibc

/// One run of a program that is given bytes and gives bytes, and can do nothing else (Sources/CConfined): no file, process or
/// connection of its own, no environment, bounded memory, processor time and output, and an end at a time. Blocks.
package struct ConfinedProcess {
  package enum Ending: Hashable {
    case exited(Int32)
    case killed(signal: Int32)
    /// It was ended when its time was over.
    case outOfTime
    /// It was ended because it wrote more than was wanted.
    case outOfRoom
    /// It was ended because everything is.
    case stopped
    case notStarted(errno: Int32)
  }

  /// The program's path, and its arguments.
  package var arguments: [String]
  /// What it may read, by path; `nil` where it sees to that itself.
  package var readable: [String]?
  package var memoryByteCount: Int
  package var outputByteCount: Int
  package var time: Duration
  /// Ends it early.
  var stop: StopSignal?

  package init(
    arguments: [String], readable: [String]?, memoryByteCount: Int, outputByteCount: Int, time: Duration
  ) {
    self.arguments = arguments
    self.readable = readable
    self.memoryByteCount = memoryByteCount
    self.outputByteCount = outputByteCount
    self.time = time
  }

  /// - Returns: what it wrote until it ended, at most one piece more than it was to write.
  package func run(_ input: [UInt8]) -> (output: [UInt8], ending: Ending) {
    let file = unsafe input.withUnsafeBytes { unsafe confined_input($0.baseAddress, $0.count) }
    guard file >= 0 else { return ([], .notStarted(errno: -file)) }
    defer { close(file) }
    var pipe: [Int32] = [-1, -1]
    let failure = unsafe confined_pipe(&pipe)
    guard failure == 0 else { return ([], .notStarted(errno: failure)) }
    defer { close(pipe[0]) }
    var pid: Int32 = 0
    let error = spawn(input: file, output: pipe[1], &pid)
    close(pipe[1])
    guard error == 0 else { return ([], .notStarted(errno: error)) }
    return Run(pid: pid, output: pipe[0], stop: stop, end: SystemClock().elapsed() + time).finish(outputByteCount)
  }

  private func spawn(input: Int32, output: Int32, _ pid: inout Int32) -> Int32 {
    var pid0: Int32 = 0
    let seconds = UInt64(max(1, time.components.seconds + 1))
    let error = unsafe Self.withCStrings(arguments) { arguments in
      unsafe Self.withCStrings(readable ?? []) { paths in
        var command = unsafe confined_command(
          arguments: arguments, readable: readable == nil ? nil : paths, memory_bytes: UInt64(memoryByteCount),
          cpu_seconds: seconds)
        return unsafe confined_spawn(&command, input, output, &pid0)
      }
    }
    pid = pid0
    return error
  }

  /// An array that ends with a null pointer, as C's `argv`.
  private static func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = unsafe strings.map { unsafe strdup($0) }
    defer { unsafe copies.forEach { unsafe free($0) } }
    let pointers = unsafe copies.map { unsafe UnsafePointer($0) } + [nil]
    return unsafe pointers.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { preconditionFailure("the array has its end at least") }
      return unsafe body(start)
    }
  }
}

/// A process that runs, until it has ended and is reaped.
private struct Run {
  private static let pieceByteCount = 64 << 10

  let pid: Int32
  let output: Int32
  let stop: StopSignal?
  let end: Duration

  func finish(_ outputByteCount: Int) -> (output: [UInt8], ending: ConfinedProcess.Ending) {
    var bytes: [UInt8] = []
    let reason = read(into: &bytes, limit: outputByteCount)
    if let reason {
      end(by: SIGKILL)
      return (bytes, reason)
    }
    return (bytes, ending())
  }

  /// - Returns: why it is to be ended; `nil` when it has closed its output.
  private func read(into bytes: inout [UInt8], limit: Int) -> ConfinedProcess.Ending? {
    var piece = [UInt8](repeating: 0, count: Self.pieceByteCount)
    while let milliseconds = millisecondsLeft {
      if isStopped { return .stopped }
      var waiting = [
        pollfd(fd: output, events: Int16(POLLIN), revents: 0),
        pollfd(fd: stop?.descriptor ?? -1, events: 0, revents: 0),
      ]
      guard unsafe poll(&waiting, 2, milliseconds) > 0, waiting[0].revents != 0 else { continue }
      let count = unsafe Glibc.read(output, &piece, piece.count)
      if count == 0 { return nil }
      if count > 0 { bytes += piece[..<count] }
      if bytes.count > limit { return .outOfRoom }
    }
    return .outOfTime
  }

  /// Of a process that has closed its output, which is nearly always its end.
  private func ending() -> ConfinedProcess.Ending {
    var status: Int32 = 0
    var reaped: Int32 = 0
    repeat {
      guard millisecondsLeft != nil, !isStopped else {
        end(by: SIGKILL)
        return isStopped ? .stopped : .outOfTime
      }
      reaped = unsafe waitpid(pid, &status, WNOHANG)
      if reaped == 0 { usleep(Self.pauseMicroseconds) }
    } while reaped == 0 || reaped < 0 && errno == EINTR
    // Where SIGCHLD is ignored, children are gone without a word of how they ended.
    guard reaped == pid else { return .notStarted(errno: errno) }
    let signal = status & 0x7F
    return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: signal)
  }

  private static let pauseMicroseconds: UInt32 = 200

  private func end(by signal: Int32) {
    kill(-pid, signal)
    var status: Int32 = 0
    while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
  }

  private var isStopped: Bool { stop?.isGiven ?? false }

  private var millisecondsLeft: Int32? {
    let left = end - SystemClock().elapsed()
    return left > .zero ? Int32(clamping: Int64(left / .milliseconds(1)) + 1) : nil
  }
}
