import Bytes
import Foundation
import Glibc

/// Shows a command's events: lines on standard output, progress as one redrawn line on standard error.
final class TerminalOutput: Sendable {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let hasBar = Locked(false)

  func show(_ event: CommandEvent) throws {
    switch event {
    case .line(let text):
      clearBar()
      StandardStream.output.print(text)
    case .warning(let text):
      clearBar()
      StandardStream.error.print(text)
    case .progress(let progress): draw(progress)
    case .failed(let text):
      clearBar()
      throw CommandFailure(text)
    case .done: clearBar()
    }
  }

  private func draw(_ progress: CommandProgress) {
    guard isTerminal else { return }
    let share = progress.total == 0 ? 1 : min(1, Double(progress.done) / Double(progress.total))
    let width = 30
    let filled = Int(share * Double(width))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    let text = "\r\u{1B}[K\(bar) \(Int(share * 100))% \(progress.note)"
    StandardStream.error.write(text)
    hasBar.withLock { $0 = true }
  }

  private func clearBar() {
    let had = hasBar.withLock { bar in
      defer { bar = false }
      return bar
    }
    if had { StandardStream.error.write("\r\u{1B}[K") }
  }
}
