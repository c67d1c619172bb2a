import Bytes
import Foundation
import TestSupport
import Testing

@testable import MailStore

/// Files as version 2 wrote them, kept for ever: Fixtures/Formats/v2.
struct PackFormatV2Tests {
  private static let mail =
    "From: dana@example.net\r\nTo: erin@example.org\r\nSubject: dictionary\r\nMIME-Version: 1.0\r\n"
    + "Content-Type: text/plain; charset=UTF-8\r\n\r\nsmall mail, compressed with the dictionary\r\n"

  private func fixture(_ name: String) throws -> [UInt8] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return Array(try Data(contentsOf: root.appending(path: "Fixtures/Formats/v2/" + name)))
  }

  @Test(arguments: ["pack-sealed.pack", "pack-compacted.pack"])
  func `a pack is read under the same references before and after its compaction`(name: String) throws {
    let disk = try PackDisk()
    try disk.system.createDirectory("/data/blobs/packs")
    try disk.system.createFile("/data/blobs/packs/0000000001.pack", with: try fixture(name))
    let packs = try disk.open()
    defer { packs.close() }
    #expect(try packs.verify().problems == [])
    var originals: [UInt64: String] = [:]
    try packs.forEach(.original) { originals[$0.offset] = String(decoding: $1, as: UTF8.self) }
    #expect(originals[1_072] == Self.mail, "\(originals.keys)")
    #expect(originals.count == (name == "pack-sealed.pack" ? 2 : 1))
    let store = OriginalStore.open(packs: packs, indexPath: nil)
    defer { store.close() }
    var found: BlobReference?
    try packs.forEach(.recipe) { reference, _ in found = reference }
    let reference = try #require(found)
    #expect(
      String(decoding: try store.read(reference), as: UTF8.self)
        == "Subject: recipe\r\n\r\nattached bytes, attached bytes\r\nand so the mail ends.")
    let pack = try packs.files.open(1)
    #expect(try PackSeal.read(from: pack)?.sealedAt == Timestamp(rawValue: 1_796_000_000_000))
    #expect((pack.locations == nil) == (name == "pack-sealed.pack"))
  }

  @Test func `a receive log is recovered`() async throws {
    let system = CrashableFileSystem()
    try system.createDirectory("/data/receive")
    try system.createFile("/data/receive/0000000001.log", with: try fixture("pack-receive.log"))
    let bench = try QueueBench(system)
    defer { bench.close() }
    #expect(bench.queue.items().map(\.envelope) == [envelope(2, [1, 7])])
    let lease = try #require(await bench.lease())
    #expect(try await bench.queue.content(of: lease) == Array("Subject: two\r\n\r\nsecond\r\n".utf8))
    #expect(bench.packs.recoveryNotes == [])
  }
}
