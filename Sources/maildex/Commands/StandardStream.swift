import Foundation
import Glibc

/// Standard output and standard error, unbuffered. A reader that has gone away (`| head`) is no error of ours: what it
/// does not want to read is dropped.
struct StandardStream: Sendable {
  static let output = StandardStream(handle: .standardOutput)
  static let error = StandardStream(handle: .standardError)

  /// Once, before anything is written: by default the signal of a pipe that nobody reads ends the process.
  static func outliveReaders() { _ = signal(SIGPIPE, SIG_IGN) }

  private let handle: FileHandle

  func print(_ line: String) { write(line + "\n") }

  func write(_ text: String) { try? handle.write(contentsOf: Data(text.utf8)) }
}
