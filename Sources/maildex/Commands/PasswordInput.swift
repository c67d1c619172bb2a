import Foundation
import Glibc

/// Reads a new password from standard input: twice and unseen from a terminal, else its first line.
enum PasswordInput {
  /// - Throws: `CommandFailure` if there is none, or the two are not the same.
  static func read() throws -> [UInt8] {
    guard isatty(STDIN_FILENO) == 1 else {
      guard let line = line(), !line.isEmpty else {
        throw CommandFailure("no password on standard input: its first line is taken")
      }
      return line
    }
    let password = try unseen("New password: ")
    guard !password.isEmpty else { throw CommandFailure("no password was typed; nothing is changed") }
    guard try unseen("The same again: ") == password else {
      throw CommandFailure("the two passwords are not the same; nothing is changed")
    }
    return password
  }

  /// Longer ones are refused later, with what comes here.
  private static let maxByteCount = 4_096

  /// Up to the line feed, without it and a carriage return before it.
  private static func line() -> [UInt8]? {
    var line: [UInt8] = []
    while line.count <= maxByteCount, let byte = byte(), byte != UInt8(ascii: "\n") { line.append(byte) }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    return line
  }

  private static func byte() -> UInt8? {
    var byte: UInt8 = 0
    while true {
      let count = unsafe Glibc.read(STDIN_FILENO, &byte, 1)
      if count == 1 { return byte }
      if count == 0 || errno != EINTR { return nil }
    }
  }

  /// The terminal shows nothing, and hands over keys as they are: one that would end the process while nothing is shown would
  /// leave it so.
  private static func unseen(_ prompt: String) throws -> [UInt8] {
    var before = termios()
    guard unsafe tcgetattr(STDIN_FILENO, &before) == 0 else { return line() ?? [] }
    var during = before
    during.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
    unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &during)
    // Not sooner: what is typed before that is shown, and thrown away.
    StandardStream.error.write(prompt)
    defer {
      unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
      StandardStream.error.write("\n")
    }
    var typed: [UInt8] = []
    while let key = byte(), typed.count <= maxByteCount {
      switch key {
      case 10, 13, 4: return typed
      case 3, 28: throw CommandFailure("interrupted; nothing is changed")
      case 8, 127: typed.removeLastScalar()
      default: typed.append(key)
      }
    }
    return typed
  }
}

extension [UInt8] {
  /// Of UTF-8: what one key of the terminal typed.
  fileprivate mutating func removeLastScalar() {
    while let byte = popLast(), byte & 0xC0 == 0x80 {}
  }
}
