import Documents
import Glibc

/// A process that looks into one archive and ends: `maildex examine-archive NAME`, started by `ConfinedArchives`. The archive is
/// standard input; the report is standard output.
package enum ArchiveProcess {
  /// Not among the commands that people are shown.
  package static let command = "examine-archive"

  /// Never returns when these are the arguments of such a process.
  package static func runIfAsked(_ arguments: [String]) {
    guard arguments.count == 7, arguments[1] == command, let limits = ArchiveLimits(arguments: arguments[2..<6])
    else { return }
    // For the names in archives; its file cannot be opened any more afterwards.
    unsafe _ = setlocale(LC_CTYPE, "C.UTF-8")
    ConfinedProcess.runConfined { archive in
      ArchiveExamination.report(on: archive, name: arguments[6], limits: limits).encode()
    }
  }
}

extension ArchiveLimits {
  /// As the process is told them; what else there is concerns who starts it.
  var arguments: [String] { [nesting, entries, byteCount, ratio].map(String.init) }

  init?(arguments: some Collection<String>) {
    let numbers = arguments.compactMap { Int($0) }.filter { $0 > 0 }
    guard numbers.count == 4 else { return nil }
    self.init()
    (nesting, entries, byteCount, ratio) = (numbers[0], numbers[1], numbers[2], numbers[3])
  }
}
