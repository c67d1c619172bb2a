private import CConfined
import Glibc

/// A process that reads one document and ends: `maildex read-document BYTES`, started by `DocumentTexts`. The document is
/// standard input, a file in memory; its text, at most so many bytes, is standard output.
package enum ReadingProcess {
  /// Not among the commands that people are shown.
  package static let command = "read-document"

  /// With which it ends.
  enum Status: Int32 {
    case whole = 0
    case cut = 80
    case unreadable = 81
  }

  /// Never returns when these are the arguments of such a process.
  package static func runIfAsked(_ arguments: [String]) {
    guard arguments.count == 3, arguments[1] == command, let limit = Int(arguments[2]), limit > 0 else { return }
    // For the names in archives; its file cannot be opened any more afterwards.
    unsafe _ = setlocale(LC_CTYPE, "C.UTF-8")
    // What cannot be confined reads nothing.
    guard confined_enter() == 0 else { _exit(ConfinedProcess.unconfinedStatus) }
    guard let document = ConfinedProcess.standardInput() else { exit(Status.unreadable.rawValue) }
    var text = DocumentBuffer(limit: limit)
    let status = DocumentReader.read(document, into: &text)
    ConfinedProcess.write(text.finish())
    // Without the work that is done at the end of a process that has more to do.
    _exit(status.rawValue)
  }
}
