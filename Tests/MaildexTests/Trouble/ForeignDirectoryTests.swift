import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(60))) struct ForeignDirectoryTests {
  @Test(arguments: [["serve"], ["verify"], ["user", "list"]])
  func `a data directory of a newer version is refused and left as it is`(command: [String]) async throws {
    try await withMailbox { data in
      try write(Array("maildex 2 shards 4\n".utf8), to: data + "/maildex.format")
      let line = try await fail(command + ["--data", data], environment: ["MAILDEX_LOG_LEVEL": "critical"])
      #expect(line == "Error: \(data) was made by a newer Maildex (format 2, this one reads up to 1); upgrade Maildex")
      let kept = try String(contentsOfFile: data + "/maildex.format", encoding: .utf8)
      #expect(kept == "maildex 2 shards 4\n")
    }
  }

  @Test func `a directory of something else is refused and nothing is put into it`() async throws {
    try await withTemporaryDirectory { directory in
      try write(Array("notes".utf8), to: directory + "/notes.txt")
      let line = try await fail(["user", "add", "alice@example.com", "--data", directory])
      #expect(line.contains("\(directory) is not empty and not a Maildex data directory; choose another with --data"))
      let present = try FileManager.default.contentsOfDirectory(atPath: directory)
      #expect(Set(present).isSubset(of: ["notes.txt", "maildex.lock"]), "\(present)")
    }
  }

  @Test func `a damaged format file is named`() async throws {
    try await withMailbox { data in
      try write(Array("\0\0\0\0".utf8), to: data + "/maildex.format")
      #expect(try await fail(["stats", "--data", data]).contains("\(data)/maildex.format is damaged"))
    }
  }

  @Test func `a place where no directory can be made is named`() async throws {
    try await withTemporaryDirectory { directory in
      try write([], to: directory + "/file")
      #expect(try await fail(["stats", "--data", directory + "/file/data"]).contains("\(directory)/file/data"))
    }
  }
}
