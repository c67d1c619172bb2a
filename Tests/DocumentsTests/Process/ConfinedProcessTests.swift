import Glibc
import Testing

@testable import Documents

/// What a program can do that a document has taken over: nothing. Each is tried by a real program.
@Suite(.timeLimit(.minutes(5))) struct ConfinedProcessTests {
  private func run(
    _ arguments: [String], _ input: String = "", memory: Int = 256 << 20, output: Int = 1 << 20,
    time: Duration = .seconds(60)
  ) -> (output: String, ending: ConfinedProcess.Ending) {
    let process = ConfinedProcess(
      arguments: arguments, readable: DocumentPrograms().pdfPaths, memoryByteCount: memory, outputByteCount: output,
      time: time)
    let (bytes, ending) = process.run(Array(input.utf8))
    return (String(decoding: bytes, as: UTF8.self), ending)
  }

  /// - Parameter body: of a Python program; its errors are its output.
  private func python(_ body: String, memory: Int = 256 << 20) -> (output: String, ending: ConfinedProcess.Ending) {
    let program =
      "import os, socket, sys, signal\ntry:\n  \(body)\nexcept BaseException as e: print(type(e).__name__, end='')"
    return run(["/usr/bin/python3", "-I", "-S", "-c", program], memory: memory)
  }

  @Test func `bytes go in and bytes come out`() {
    let input = String(repeating: "harbour ", count: 500_000)
    let (output, ending) = run(["/usr/bin/cat"], input, output: 8 << 20)
    #expect(output == input)
    #expect(ending == .exited(0))
    #expect(run(["/usr/bin/false"]).ending == .exited(1))
  }

  @Test func `there is no environment, no open file and no way out of the root directory's reading`() {
    #expect(
      python("print(sorted(k for k in os.environ if k != 'LC_CTYPE'), os.getcwd(), end='')").output
        == "['SWIFT_BACKTRACE'] /")
    #expect(python("print(*[f for f in range(3, 256) if os.path.exists(f'/proc/self/fd/{f}')], end='')").output == "")
  }

  @Test(arguments: [
    ("open('/etc/passwd')", "PermissionError"), ("open('/dev/shm/x', 'w')", "PermissionError"),
    ("open('/proc/1/environ')", "PermissionError"), ("os.listdir('/')", "PermissionError"),
    ("os.mkdir('/dev/shm/y')", "PermissionError"), ("os.unlink('/etc/passwd')", "PermissionError"),
    ("socket.socket()", "PermissionError"), ("socket.socketpair()", "PermissionError"),
    ("os.fork()", "PermissionError"),
    ("os.kill(os.getppid(), 0)", "PermissionError"), ("os.memfd_create('x')", "PermissionError"),
    ("os.execv('/etc/hosts', ['x'])", "PermissionError"), ("bytearray(1 << 30)", "MemoryError"),
    ("os.write(0, b'x')", "OSError"), ("os.open('/usr/lib/os-release', os.O_WRONLY | os.O_TRUNC)", "PermissionError"),
    ("__import__('resource').prlimit(os.getppid(), 7, (1, 1))", "PermissionError"),
    ("__import__('fcntl').fcntl(1, 8, os.getppid())", "PermissionError"), ("os.nice(1)", "PermissionError"),
  ])
  func `it is refused`(attempt: String, error: String) {
    let (output, ending) = python(attempt)
    #expect(output == error)
    #expect(ending == .exited(0))
  }

  @Test func `one that hangs is ended when its time is over`() {
    let start = ContinuousClock.now
    #expect(run(["/usr/bin/sleep", "1000"], time: .milliseconds(300)).ending == .outOfTime)
    // It has closed its output and lives on.
    #expect(run(["/bin/sh", "-c", "exec >&-; exec sleep 1000"], time: .milliseconds(300)).ending == .outOfTime)
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test func `one that never stops working is ended by the kernel, should the parent not do it`() {
    let (_, ending) = run(["/bin/sh", "-c", "ulimit -t 1; while :; do :; done"])
    #expect(ending == .killed(signal: SIGKILL) || ending == .killed(signal: SIGXCPU))
  }

  @Test func `one that writes without end is ended, and what it wrote is bounded`() {
    let (output, ending) = run(["/usr/bin/yes"], output: 100_000)
    #expect(ending == .outOfRoom)
    #expect(output.utf8.count >= 100_000 && output.utf8.count < 300_000)
  }

  @Test func `one that a signal ends is told from one that ends well`() {
    #expect(python("os.abort()").ending != .exited(0))
    #expect(
      python("print(''); sys.stdout.flush(); import ctypes; ctypes.string_at(0)").ending == .killed(signal: SIGSEGV))
  }

  @Test func `one that cannot be started is told`() {
    #expect(run(["/usr/bin/no-such-program"]).ending == .notStarted(errno: ENOENT))
    #expect(run(["/etc/hostname"]).ending == .notStarted(errno: EACCES))
  }

  @Test func `no process and no file stays behind`() throws {
    let before = try Self.openFiles()
    for _ in 0..<50 { _ = run(["/usr/bin/true"]) }
    for _ in 0..<5 { _ = run(["/usr/bin/no-such-program"]) }
    _ = run(["/usr/bin/sleep", "1000"], time: .milliseconds(50))
    // Other tests open files meanwhile.
    #expect(try Self.openFiles() < before + 40)
  }

  private static func openFiles() throws -> Int {
    (0..<1_024).count { fcntl(Int32($0), F_GETFD) >= 0 }
  }
}
