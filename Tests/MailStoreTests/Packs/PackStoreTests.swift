import Bytes
import Foundation
import TestSupport
import Testing

@testable import MailStore

/// A disk with `/data`, and stores on it with small files.
struct PackDisk {
  let system: CrashableFileSystem

  init(_ system: CrashableFileSystem = CrashableFileSystem()) throws {
    self.system = system
    try system.createDirectory("/data")
  }

  static func options(fileByteCount: UInt64 = 8_192) -> PackOptions {
    let salts = Locked<UInt64>(1)
    return PackOptions(
      fileByteCount: fileByteCount, maxOpenFiles: 3,
      makeSalt: {
        salts.withLock { salt in
          salt += 1
          return salt &* 0x9E37_79B9_7F4A_7C15
        }
      })
  }

  func open(fileByteCount: UInt64 = 8_192) throws -> PackStore {
    try PackStore.open(fileSystem: system, directory: "/data", options: Self.options(fileByteCount: fileByteCount))
  }

  func path(of reference: BlobReference) throws -> String {
    for suffix in ["blobs/packs/%010u.pack", "blobs/packs/%010u.open", "receive/%010u.log"] {
      let path = "/data/" + String(format: suffix, reference.pack)
      if system.exists(path) { return path }
    }
    throw StoreError(code: .missingBlob, message: "no file \(reference.pack)")
  }

  func damage(_ reference: BlobReference, at index: UInt64, xor mask: UInt8 = 1) throws {
    let file = try system.open(path(of: reference), .readWrite)
    let byte = try file.readExactly(at: reference.offset + index, byteCount: 1)[0]
    try file.write([byte ^ mask], at: reference.offset + index)
    try file.syncData()
  }
}

/// A record that tells by its content which one it is.
func record(_ number: Int, byteCount: Int = 500) -> PackRecord {
  var random = SeededGenerator(seed: UInt64(number))
  let noise = (0..<byteCount).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
  return PackRecord(kind: .original, bytes: Array("record \(number) ".utf8) + noise)
}

struct PackStoreTests {
  @Test func `what was appended is read, also after the store is opened again`() async throws {
    let disk = try PackDisk()
    var references: [BlobReference] = []
    var store = try disk.open()
    for number in 0..<60 { references += try await store.append([record(number)]) }
    for (number, reference) in references.enumerated() { #expect(try store.read(reference) == record(number)) }
    store.close()
    #expect(Set(references.map(\.pack)).count > 3, "several files were filled")

    store = try disk.open()
    defer { store.close() }
    #expect(store.recoveryNotes == [])
    for (number, reference) in references.enumerated() { #expect(try store.read(reference) == record(number)) }
    #expect(store.missing(of: references) == [])
    let more = try await store.append([record(60)])
    #expect(try store.read(more[0]) == record(60))
    #expect(try store.verify().problems == [])
  }

  @Test func `several records of one call lie together and are read apart`() async throws {
    let store = try PackDisk().open()
    defer { store.close() }
    let references = try await store.append([record(1), record(2, byteCount: 0), record(3)])
    #expect(try references.map { try store.read($0) } == [record(1), record(2, byteCount: 0), record(3)])
    #expect(try await store.append([]) == [])
  }

  @Test func `a record larger than a file gets through`() async throws {
    let store = try PackDisk().open()
    defer { store.close() }
    let references = try await store.append([record(1)]) + store.append([record(2, byteCount: 50_000)])
    #expect(try store.read(references[1]) == record(2, byteCount: 50_000))
    #expect(try store.read(references[0]) == record(1))
  }

  @Test func `a full file is sealed under its final name and keeps its references`() async throws {
    let disk = try PackDisk()
    let store = try disk.open()
    var references: [BlobReference] = []
    for number in 0..<40 { references += try await store.append([record(number)]) }
    store.close()
    let names = try disk.system.list("/data/blobs/packs")
    #expect(names.filter { $0.hasSuffix(".pack") }.count >= 2)
    #expect(names.filter { $0.hasSuffix(".open") }.count == 1)
    let sealed = try disk.system.readFile("/data/blobs/packs/" + names[0])
    #expect(sealed.count < 8_192 + 600, "the reserved space is given back")
    let again = try disk.open()
    defer { again.close() }
    for (number, reference) in references.enumerated() { #expect(try again.read(reference) == record(number)) }
  }

  @Test func `callers who wait share a write and a sync`() async throws {
    let disk = try PackDisk()
    let store = try disk.open(fileByteCount: 1 << 20)
    defer { store.close() }
    _ = try await store.append([record(0)])
    // The first sync is held until all the others wait behind it.
    let gate = DispatchSemaphore(value: 0)
    let held = Locked(0)
    disk.system.plan.failure = { step in
      if step.kind == .sync
        && held.withLock({
          $0 += 1; return $0
        }) == 1
      {
        gate.wait()
      }
      return nil
    }
    let before = (disk.system.count(of: .write), disk.system.count(of: .sync))
    try await withThrowingTaskGroup(of: BlobReference.self) { group in
      group.addTask { try await store.append([record(1)])[0] }
      while held.withLock({ $0 }) == 0 { await Task.yield() }
      for number in 2...17 { group.addTask { try await store.append([record(number)])[0] } }
      while store.waitingCount < 16 { await Task.yield() }
      gate.signal()
      var found: Set<BlobReference> = []
      for try await reference in group { found.insert(reference) }
      #expect(found.count == 17)
    }
    #expect(disk.system.count(of: .sync) - before.1 == 2)
    #expect(disk.system.count(of: .write) - before.0 == 2)
  }

  @Test func `nothing is acknowledged before its sync`() async throws {
    let disk = try PackDisk()
    let store = try disk.open(fileByteCount: 1 << 20)
    _ = try await store.append([record(0)])
    let syncs = Locked(0)
    disk.system.plan.failure = { step in
      if step.kind == .sync { syncs.withLock { $0 += 1 } }
      return nil
    }
    for number in 1...20 {
      let reference = try await store.append([record(number)])[0]
      #expect(syncs.withLock { $0 } == number)
      // A power loss right now keeps it.
      _ = reference
    }
    let last = try await store.append([record(21)])[0]
    let after = try PackDisk(disk.system.reopened(.dropped)).open()
    #expect(try after.read(last) == record(21))
    after.close()
    store.close()
  }

  @Test func `a full disk refuses, leaves the file good, and takes mail again when space is back`() async throws {
    let disk = try PackDisk()
    let store = try disk.open()
    defer { store.close() }
    var stored: [(Int, BlobReference)] = []
    for number in 0..<3 { stored.append((number, try await store.append([record(number)])[0])) }
    disk.system.plan.byteQuota = 12_000
    var refused = 0
    for number in 3..<60 {
      do { stored.append((number, try await store.append([record(number)])[0])) } catch let error as StoreError {
        #expect(error.code == .noSpace)
        refused += 1
      }
    }
    #expect(refused > 20)
    disk.system.plan.byteQuota = nil
    for number in 60..<90 { stored.append((number, try await store.append([record(number)])[0])) }
    for (number, reference) in stored { #expect(try store.read(reference) == record(number)) }
    #expect(try store.verify().problems == [])
    let after = try PackDisk(disk.system.reopened(.dropped)).open()
    defer { after.close() }
    for (number, reference) in stored { #expect(try after.read(reference) == record(number)) }
  }

  @Test func `after a failed sync everybody is told to stop, until the store is opened again`() async throws {
    let disk = try PackDisk()
    let store = try disk.open()
    let good = try await store.append([record(0)])[0]
    disk.system.plan.failure = { $0.kind == .sync ? .failed : nil }
    for number in 1...3 {
      await #expect { try await store.append([record(number)]) } throws: { ($0 as? StoreError)?.code == .stopped }
    }
    disk.system.plan.failure = nil
    await #expect { try await store.append([record(4)]) } throws: { ($0 as? StoreError)?.code == .stopped }
    #expect(try store.read(good) == record(0), "reading goes on")
    store.close()
    await #expect { try await store.append([record(5)]) } throws: { ($0 as? StoreError)?.code == .closed }

    // What the failed sync left in memory only must not count as stored: it is written again, or it is gone.
    let again = try disk.open()
    let more = try await again.append([record(6)])[0]
    again.close()
    let after = try PackDisk(disk.system.reopened(.dropped)).open()
    defer { after.close() }
    #expect(try after.read(good) == record(0))
    #expect(try after.read(more) == record(6))
    #expect(try after.verify().problems == [])
  }

  @Test func `a flipped bit costs its frame, which is named, and no other`() async throws {
    for index in stride(from: UInt64(0), to: 540, by: 13) {
      let disk = try PackDisk()
      var store = try disk.open()
      var references: [BlobReference] = []
      for number in 0..<5 { references += try await store.append([record(number)]) }
      store.close()
      try disk.damage(references[2], at: index % UInt64(references[2].byteCount), xor: 0x10)

      store = try disk.open()
      defer { store.close() }
      for (number, reference) in references.enumerated() where number != 2 {
        #expect(try store.read(reference) == record(number), "byte \(index)")
      }
      let path = try disk.path(of: references[2])
      #expect { try store.read(references[2]) } throws: { error in
        let error = error as? StoreError
        return error?.code == .corrupt && error?.problem?.file == path
          && error?.problem?.offset == references[2].offset
      }
      let report = try store.verify()
      #expect(report.problems.map(\.offset) == [references[2].offset])
      #expect(report.problems.map(\.file) == [path])
      #expect(store.recoveryNotes.count == 1)
      // Appending goes on behind it.
      let more = try await store.append([record(9)])[0]
      #expect(try store.read(more) == record(9))
    }
  }

  @Test func `a torn tail is cut wherever it is torn, and never comes back`() async throws {
    let whole = try PackDisk()
    let store = try whole.open()
    let first = try await store.append([record(1)])[0]
    let second = try await store.append([record(2)])[0]
    store.close()
    let bytes = try whole.system.readFile(try whole.path(of: first))
    for end in Int(second.offset)..<Int(second.offset) + Int(second.byteCount) {
      let disk = try PackDisk()
      try disk.system.createDirectory("/data/blobs/packs")
      let path = "/data/blobs/packs/0000000001.open"
      let torn = Array(bytes[..<end]) + [UInt8](repeating: 0, count: bytes.count - end)
      try disk.system.createFile(path, with: end % 2 == 0 ? torn : Array(bytes[..<end]))
      let again = try disk.open()
      #expect(try again.read(first) == record(1))
      #expect(throws: StoreError.self) { try again.read(second) }
      let third = try await again.append([record(3, byteCount: 100)])[0]
      #expect(third.offset == second.offset)
      #expect(throws: StoreError.self) { try again.read(second) }
      #expect(try again.read(third) == record(3, byteCount: 100))
      #expect(try again.verify().problems == [])
      again.close()
    }
  }

  @Test func `a hole in the last write is covered and reported once`() async throws {
    let disk = try PackDisk()
    var store = try disk.open()
    let first = try await store.append([record(0)])
    let batch = try await store.append([record(1), record(2), record(3)])
    store.close()
    try disk.damage(batch[1], at: 2)
    store = try disk.open()
    #expect(store.recoveryNotes.count == 1)
    #expect(try store.read(first[0]) == record(0))
    #expect(try store.read(batch[0]) == record(1))
    #expect(try store.read(batch[2]) == record(3))
    #expect(throws: StoreError.self) { try store.read(batch[1]) }
    #expect(try store.verify().problems == [])
    store.close()
    store = try disk.open()
    #expect(store.recoveryNotes == [])
    store.close()
  }

  @Test func `a damaged header copy is reported and harms nothing, two are named`() async throws {
    let disk = try PackDisk()
    var store = try disk.open()
    var references: [BlobReference] = []
    for number in 0..<20 { references += try await store.append([record(number)]) }
    store.close()
    let path = "/data/blobs/packs/0000000001.pack"
    let file = try disk.system.open(path, .readWrite)
    try file.write([0], at: 3)
    store = try disk.open()
    #expect(try store.read(references[0]) == record(0))
    #expect(try store.verify().problems.map(\.offset) == [0])
    store.close()

    try file.write([0], at: 512 + 3)
    store = try disk.open()
    defer { store.close() }
    #expect { try store.read(references[0]) } throws: { ($0 as? StoreError)?.problem?.file == path }
    #expect(try store.verify().problems.map(\.file) == [path])
    #expect(try store.read(references[19]) == record(19))
  }

  @Test func `a reader finds a mail while its file moves to its sealed name`() async throws {
    let system = WrappedFileSystem(CrashableFileSystem())
    try system.createDirectory("/data")
    let store = try PackStore.open(fileSystem: system, directory: "/data", options: PackDisk.options())
    let first = try await store.append([record(0)])[0]
    let found = Locked<[Result<PackRecord, any Error>]>([])
    system.didRename = { _ in found.withLock { $0.append(Result { try store.read(first) }) } }
    for number in 1..<20 { _ = try await store.append([record(number)]) }
    store.close()
    let reads = found.withLock { $0 }
    #expect(!reads.isEmpty)
    for read in reads { #expect(try read.get() == record(0)) }
  }

  @Test(arguments: [CrashPlan.Step.Kind.create, .rename, .syncDirectory])
  func `without descriptors the store goes on as it can, and stops nothing`(kind: CrashPlan.Step.Kind) async throws {
    let disk = try PackDisk()
    var store = try disk.open()
    var stored: [BlobReference] = []
    let calls = Locked(0)
    disk.system.plan.failure = { step in
      guard step.kind == kind else { return nil }
      let isFailing = calls.withLock { calls in
        calls += 1
        return calls % 3 != 0
      }
      return isFailing ? .noDescriptors : nil
    }
    for number in 0..<60 {
      do { stored.append(try await store.append([record(number)])[0]) } catch {
        try #require((error as? StoreError)?.code == .noSpace, "record \(number)")
        // At most two in a row.
        let again = try? await store.append([record(number)])
        if again == nil { stored.append(try await store.append([record(number)])[0]) }
        stored += again ?? []
      }
    }
    disk.system.plan.failure = nil
    stored.append(try await store.append([record(60)])[0])
    for (number, reference) in stored.enumerated() { #expect(try store.read(reference) == record(number)) }
    #expect(try store.verify().problems == [])
    store.close()
    store = try PackDisk(disk.system.reopened(.dropped)).open()
    defer { store.close() }
    for (number, reference) in stored.enumerated() { #expect(try store.read(reference) == record(number)) }
  }

  @Test(arguments: ["blobs/packs/0000000001.open", "receive/0000000001.log"])
  func `a file of a newer version is refused by name and left as it is`(name: String) async throws {
    let disk = try PackDisk()
    let path = "/data/" + name
    try disk.system.createDirectory(parentDirectory(of: path))
    let bytes = PackHeader(version: 2, number: 1, salt: 9).encoded + [1, 2, 3]
    try disk.system.createFile(path, with: bytes)
    #expect {
      let store = try disk.open()
      defer { store.close() }
      let queue = try InboundQueue.open(
        packs: store, fileSystem: disk.system, directory: "/data", clock: ManualClock())
      queue.close()
    } throws: { error in
      let message = (error as? StoreError)?.message ?? ""
      return message.contains("data of a newer version") && message.contains(path)
    }
    #expect(try disk.system.readFile(path) == bytes)
  }

  @Test func `a record over the limit is refused`() async throws {
    let store = try PackDisk().open()
    defer { store.close() }
    let large = PackRecord(kind: .original, bytes: [UInt8](repeating: 1, count: (256 << 20) + 1))
    await #expect { try await store.append([large]) } throws: { ($0 as? StoreError)?.code == .tooLarge }
  }

  @Test func `a sealed file that was cut short is found, even between two frames`() async throws {
    let disk = try PackDisk()
    var store = try disk.open()
    var references: [BlobReference] = []
    for number in 0..<20 { references += try await store.append([record(number)]) }
    store.close()
    let file = try disk.system.open("/data/blobs/packs/0000000001.pack", .readWrite)
    try file.truncate(to: references[3].offset)
    store = try disk.open()
    defer { store.close() }
    #expect(try store.verify().problems.count == 1)
    #expect(try store.verify().problems[0].offset == references[3].offset)
    #expect(store.missing(of: references).map(\.offset).contains(references[3].offset))
    #expect { try store.read(references[3]) } throws: { ($0 as? StoreError)?.code == .corrupt }
  }

  @Test func `references that were never given are refused without a trap`() async throws {
    let store = try PackDisk().open()
    defer { store.close() }
    let good = try await store.append([record(1)])[0]
    for reference in [
      BlobReference(pack: 99, offset: 1_024, byteCount: 100), BlobReference(pack: good.pack, offset: 0, byteCount: 100),
      BlobReference(pack: good.pack, offset: .max, byteCount: 100),
      BlobReference(pack: good.pack, offset: good.offset, byteCount: 3),
      BlobReference(pack: good.pack, offset: good.offset, byteCount: .max),
      BlobReference(pack: good.pack, offset: good.offset, byteCount: good.byteCount - 1),
      BlobReference(pack: good.pack, offset: good.offset + 8, byteCount: good.byteCount),
      BlobReference(pack: good.pack, offset: 1 << 40, byteCount: 100),
    ] {
      #expect(throws: StoreError.self) { try store.read(reference) }
      #expect(!store.contains(reference))
    }
  }

  @Test func `bytes that look like a frame inside damaged mail are not taken for one`() async throws {
    let disk = try PackDisk()
    let options = PackDisk.options()
    var store = try PackStore.open(fileSystem: disk.system, directory: "/data", options: options)
    let first = try await store.append([record(0)])[0]
    // A frame as the file of another salt would have it, at the very place where it will lie.
    var forged = ByteWriter()
    EncodedFrame(PackRecord(kind: .received, bytes: [1, 2, 3]))
      .encode(into: &forged, at: first.offset, batchStart: 0, salt: 1)
    let noise = record(1).bytes
    let carrier = PackRecord(kind: .original, bytes: Array(noise.prefix(96)) + forged.bytes + noise)
    let second = try await store.append([carrier])[0]
    let third = try await store.append([record(2)])[0]
    store.close()
    try disk.damage(second, at: 4)
    store = try disk.open()
    defer { store.close() }
    #expect(try store.read(third) == record(2))
    #expect(try store.verify().problems.count == 1)
    #expect(try store.verify().frameCount >= 2)
  }
}
