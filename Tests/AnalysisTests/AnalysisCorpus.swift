import Foundation

/// Word-break cases and sample texts for tests, in `analysis.tar.zst` of the corpora directory: the environment's
/// `MAILDEX_CORPORA`, else `corpora` in a directory `shared` beside the checkout. Tests that need it are skipped where it
/// is absent: the texts are not ours to publish.
enum AnalysisCorpus {
  static let archive: String? = {
    let beside = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/corpora")
    let directory = ProcessInfo.processInfo.environment["MAILDEX_CORPORA"] ?? beside.standardizedFileURL.path
    let path = directory + "/analysis.tar.zst"
    return FileManager.default.isReadableFile(atPath: path) ? path : nil
  }()

  static var isPresent: Bool { archive != nil }

  struct Unreadable: Error { var file: String }

  static func read(_ file: String) throws -> Data {
    guard let archive else { throw Unreadable(file: file) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["tar", "--use-compress-program=unzstd", "-xOf", archive, "--wildcards", "*" + file]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0, !data.isEmpty else { throw Unreadable(file: file) }
    return data
  }
}
