import Bytes
import Foundation
import TestSupport
import Testing

@testable import MailStore

/// Files as the first version wrote them, kept for ever: Fixtures/Formats/v1.
struct PackFormatV1Tests {
  private func fixture(_ name: String) throws -> [UInt8] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return Array(try Data(contentsOf: root.appending(path: "Fixtures/Formats/v1/" + name)))
  }

  @Test func `a sealed pack of version 1 is read`() throws {
    let disk = try PackDisk()
    try disk.system.createDirectory("/data/blobs/packs")
    try disk.system.createFile("/data/blobs/packs/0000000003.pack", with: try fixture("pack-sealed.pack"))
    let packs = try disk.open()
    defer { packs.close() }
    let report = try packs.verify()
    #expect(report.problems == [])
    var originals: [String] = []
    try packs.forEach(.original) { originals.append("\($0.offset) " + String(decoding: $1, as: UTF8.self)) }
    #expect(
      originals == [
        "1024 Subject: raw\r\n\r\nhi\r\n",
        "1072 Subject: compressed\r\n\r\n" + String(repeating: "the same line again\r\n", count: 40),
      ])
    var recipes: [Recipe] = []
    try packs.forEach(.recipe) { recipes.append(try Recipe($1)) }
    #expect(recipes.count == 1)
    #expect(recipes.first?.byteCount == 70)
    let store = OriginalStore.open(packs: packs, indexPath: nil)
    defer { store.close() }
    var found: BlobReference?
    try packs.forEach(.recipe) { reference, _ in found = reference }
    let reference = try #require(found)
    #expect(String(decoding: try store.read(reference), as: UTF8.self).hasPrefix("Subject: recipe\r\n\r\n"))
    #expect(try store.attachment(reference, partPath: "2") == Array("attached bytes, attached bytes".utf8))
  }

  @Test func `a receive log of version 1 is recovered`() async throws {
    let system = CrashableFileSystem()
    try system.createDirectory("/data/receive")
    try system.createFile("/data/receive/0000000004.log", with: try fixture("pack-receive.log"))
    let bench = try QueueBench(system)
    defer { bench.close() }
    let items = bench.queue.items()
    #expect(items.map(\.envelope) == [envelope(2, [1, 7]), envelope(3, [2])])
    let lease = try #require(await bench.lease())
    #expect(try await bench.queue.content(of: lease) == Array("Subject: two\r\n\r\nsecond\r\n".utf8))
    #expect(bench.packs.recoveryNotes == [])
  }
}
