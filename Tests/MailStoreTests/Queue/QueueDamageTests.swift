import Bytes
import TestSupport
import Testing

@testable import MailStore

/// A queue that is opened over bytes that cannot be read: what was acknowledged stays, or is kept aside.
struct QueueDamageTests {
  @Test func `spool files of a mail that cannot be read are kept, and are found again with it`() async throws {
    var bench = try QueueBench()
    _ = try await bench.accept(1)
    let id = try await bench.accept(2, byteCount: 20_000)
    _ = try await bench.accept(3, byteCount: 20_000)
    bench.close()
    let reference = try bench.packs.reference(pack: id.pack, offset: id.offset)
    try bench.disk.damage(reference, at: 40)
    bench = try bench.reopened()
    #expect(bench.queue.depth() == 2)
    #expect(bench.spoolFiles.count == 1)
    #expect(bench.lostFiles.count == 1)
    let notes = bench.packs.recoveryNotes
    #expect(notes.contains { $0.hasSuffix("/data/receive/spool/lost/\(bench.lostFiles.first ?? "")") }, "\(notes)")
    // A new spool file must not take the number of one that is kept.
    _ = try await bench.accept(4, byteCount: 20_000)
    #expect(Set(bench.spoolFiles).isDisjoint(with: bench.lostFiles))
    bench.close()

    try bench.disk.damage(reference, at: 40)
    bench = try bench.reopened(.dropped)
    #expect(bench.lostFiles == [])
    var contents: [[UInt8]] = []
    while let lease = await bench.lease() { contents.append(try await bench.queue.content(of: lease)) }
    #expect(contents.map(\.count) == [209, 20_009, 20_009, 20_009])
    #expect(contents[1] == record(2, byteCount: 20_000).bytes)
    bench.close()
  }

  @Test(arguments: [[0], [0, 512], [1_024 + 4]])
  func `spool files are kept when a log or its checkpoint cannot be read`(damaged: [UInt64]) async throws {
    let bench = try QueueBench(fileByteCount: 4_096)
    _ = try await bench.accept(0, byteCount: 20_000)
    for number in 1..<30 { _ = try await bench.accept(number) }
    bench.close()
    let logs = try bench.disk.system.list("/data/receive").filter { $0.hasSuffix(".log") }
    for offset in damaged {
      for log in logs {
        let file = try bench.disk.system.open("/data/receive/" + log, .readWrite)
        try file.write([0xFF], at: offset)
      }
    }
    let again = try bench.reopened(fileByteCount: 4_096)
    #expect(again.spoolFiles.count + again.lostFiles.count == 1)
    #expect((again.lostFiles.count == 1) == (damaged != [0]), "one whole header is enough")
    again.close()
  }

  @Test(arguments: [FileError.Code.failed, .noDescriptors])
  func `a queue whose files cannot be read just now is not opened without them`(code: FileError.Code) async throws {
    let bench = try QueueBench(fileByteCount: 4_096)
    _ = try await bench.accept(0, byteCount: 20_000)
    for number in 1..<30 { _ = try await bench.accept(number) }
    bench.close()
    let system = WrappedFileSystem(bench.disk.system)
    system.refusal = { path, _ in path.hasSuffix("0000000001.pack") ? code : nil }
    let packs = try PackStore.open(
      fileSystem: system, directory: "/data", options: PackDisk.options(fileByteCount: 4_096))
    #expect {
      try InboundQueue.open(packs: packs, fileSystem: system, directory: "/data", clock: bench.clock)
    } throws: { error in
      (error as? StoreError)?.code == (code == .failed ? .failed : .noSpace)
    }
    packs.close()
    let again = try bench.reopened(fileByteCount: 4_096)
    #expect(again.queue.depth() == 30)
    #expect(again.spoolFiles.count == 1)
    again.close()
  }

  @Test func `one damaged mail in the log is noted, and the others are delivered`() async throws {
    var bench = try QueueBench()
    var ids: [QueueItemID] = []
    for number in 0..<5 { ids.append(try await bench.accept(number)) }
    bench.close()
    let reference = try bench.packs.reference(pack: ids[2].pack, offset: ids[2].offset)
    try bench.disk.damage(reference, at: 40)
    bench = try bench.reopened()
    #expect(bench.queue.items().map(\.id) == [ids[0], ids[1], ids[3], ids[4]])
    #expect(bench.packs.recoveryNotes.count == 1)
    bench.close()
  }
}
