import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(60))) struct PasswordCommandTests {
  @Test func `a password is read from standard input, and taken away again`() async throws {
    try await withMailbox { data in
      let command = ["user", "password", "Alice@example.com", "--data", data]
      let set = try await MaildexProcess.run(command, input: "correct horse\r\nbattery\n")
      #expect(set.status == 0 && set.output == "user=alice@example.com password=set\n" && set.errors.isEmpty, "\(set)")
      #expect(try await succeed(command + ["--remove"]).output == "user=alice@example.com password=removed\n")
    }
  }

  @Test(arguments: [
    ("", "no password on standard input"), ("\n", "no password on standard input"), ("a\tb\n", "cannot be kept"),
    ("\u{202E}x\n", "cannot be kept"), (String(repeating: "x", count: 2_000), "cannot be kept"),
  ])
  func `what cannot be a password is refused in one line`(input: String, part: String) async throws {
    try await withMailbox { data in
      let result = try await MaildexProcess.run(
        ["user", "password", "alice@example.com", "--data", data], input: input)
      #expect(result.status == 1 && result.errorLines.count == 1 && result.errors.contains(part), "\(result)")
    }
  }

  @Test func `an unknown user is named`() async throws {
    try await withMailbox { data in
      let result = try await MaildexProcess.run(["user", "password", "eve@example.com", "--data", data], input: "x\n")
      #expect(result.status == 1 && result.errors.contains("no user eve@example.com"), "\(result)")
    }
  }

  @Test(arguments: [
    (["secret", "secret"], "0", "password=set"), (["secret", "secrft\u{7F}\u{7F}et"], "0", "password=set"),
    (["secret", "secrets"], "1", "not the same"), ([""], "1", "no password was typed"),
    (["sec\u{3}"], "1", "interrupted"),
  ])
  func `a terminal shows nothing of what is typed, twice, and is as before afterwards`(
    typed: [String], status: String, part: String
  ) async throws {
    try await withMailbox { data in
      let result = try await Script.python(
        Self.terminal, [MaildexProcess.executable().path, data] + typed)
      #expect(result.lines.last == "status \(status), as before: True", "\(result)")
      #expect(result.output.contains("New password: ") && result.output.contains(part), "\(result)")
      #expect(!result.output.contains("sec"), "\(result)")
    }
  }

  /// Types each line when a prompt has come.
  private static let terminal = """
    import os, pty, sys, termios
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        for stream in (0, 1, 2): os.dup2(slave, stream)
        os.execv(sys.argv[1], [sys.argv[1], 'user', 'password', 'alice@example.com', '--data', sys.argv[2]])
    shown = b''
    for number, line in enumerate(sys.argv[3:]):
        while shown.count(b': ') <= number: shown += os.read(master, 1000)
        os.write(master, line.encode() + b'\\n')
    _, status = os.waitpid(pid, 0)
    after = termios.tcgetattr(slave)
    os.set_blocking(master, False)
    try:
        while True: shown += os.read(master, 1000)
    except BlockingIOError: pass
    print(shown.decode().replace('\\r', ''))
    print(f'status {os.waitstatus_to_exitcode(status)}, as before: {before == after}')
    """
}
