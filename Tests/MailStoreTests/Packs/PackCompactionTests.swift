import Bytes
import Foundation
import TestSupport
import Testing

@testable import MailStore

extension PackStore {
  /// One round in which exactly these references are known to anyone.
  func compact(
    keeping references: [BlobReference], deadShare: Double = 0, keepsAttachments: Bool = false,
    pace: (Int) throws -> Void = { _ in }
  ) throws -> [UInt32: PackSweepOutcome] {
    let sweep = try beginSweep()
    defer { sweep.end() }
    var list = FrameList()
    for reference in references + sweep.heldReferences() { list.append(reference) }
    let live = FrameSet(list)
    var outcomes: [UInt32: PackSweepOutcome] = [:]
    for use in try sweep.uses(live: live, sealedBefore: Timestamp(rawValue: .max)) where use.deadShare >= deadShare {
      outcomes[use.number] = try sweep.compact(
        use.number, live: live, keepsAttachments: keepsAttachments, pace: pace)
    }
    return outcomes
  }
}

extension PackSweepOutcome {
  var isCompacted: Bool { if case .compacted = self { true } else { false } }
  var reason: String? { if case .leftAlone(let reason) = self { reason } else { nil } }
}

struct PackCompactionTests {
  /// A store with several sealed files, and all that is in it.
  private func filled(_ disk: PackDisk, count: Int = 60) async throws -> (PackStore, [BlobReference]) {
    let store = try disk.open()
    var references: [BlobReference] = []
    for number in 0..<count { references += try await store.append([record(number)]) }
    await settled(store)
    return (store, references)
  }

  /// Waits until full files have their final names.
  private func settled(_ store: PackStore) async {
    while store.files.numbers(in: .blobLog).count > 1 { await Task.yield() }
  }

  private func fileByteCount(_ disk: PackDisk) throws -> Int {
    try disk.system.list("/data/blobs/packs").reduce(0) {
      try $0 + disk.system.readFile("/data/blobs/packs/" + $1).count
    }
  }

  @Test func `what is referred to is read as before under the same reference, the rest is gone`() async throws {
    let disk = try PackDisk()
    var (store, references) = try await filled(disk)
    let before = try fileByteCount(disk)
    let kept = references.indices.filter { $0 % 3 == 0 }
    let outcomes = try store.compact(keeping: kept.map { references[$0] })
    #expect(outcomes.count >= 3 && outcomes.values.allSatisfy { $0.isCompacted }, "\(outcomes)")
    #expect(try fileByteCount(disk) < before - 16_000)
    for _ in 0..<2 {
      for (number, reference) in references.enumerated() {
        if number % 3 == 0 {
          #expect(try store.read(reference) == record(number))
          #expect(store.contains(reference))
          #expect(try store.reference(pack: reference.pack, offset: reference.offset) == reference)
        } else if outcomes[reference.pack] != nil {
          #expect(!store.contains(reference))
          #expect { try store.read(reference) } throws: { ($0 as? StoreError)?.code == .missingBlob }
        }
      }
      #expect(try store.verify().problems == [])
      store.close()
      store = try disk.open()
      #expect(store.recoveryNotes == [])
    }
    store.close()
  }

  @Test func `a compacted file is compacted again, and again names keep`() async throws {
    let disk = try PackDisk()
    let (store, references) = try await filled(disk)
    defer { store.close() }
    for divisor in [2, 4, 8] {
      let kept = references.indices.filter { $0 % divisor == 0 }
      _ = try store.compact(keeping: kept.map { references[$0] })
      for number in kept { #expect(try store.read(references[number]) == record(number), "\(divisor)") }
      #expect(try store.verify().problems == [], "\(divisor)")
      // Nothing is left to do until more is deleted.
      let again = try store.compact(keeping: kept.map { references[$0] })
      #expect(again.values.allSatisfy { $0 == .unchanged }, "\(again)")
    }
    var found: [BlobReference] = []
    try store.forEach(.original) { reference, _ in found.append(reference) }
    #expect(Set(found).isSuperset(of: references.indices.filter { $0 % 8 == 0 }.map { references[$0] }))
    #expect(found.allSatisfy(references.contains), "frames are told by the names that references have")
  }

  @Test func `a pack that nothing refers to is removed, but the highest number stays in use`() async throws {
    let disk = try PackDisk()
    var (store, references) = try await filled(disk)
    let sealed = store.files.numbers(in: .sealed)
    let outcomes = try store.compact(keeping: [])
    #expect(outcomes.count == sealed.count)
    #expect(store.files.numbers(in: .sealed) == [sealed.last])
    #expect(try store.verify().problems == [])
    #expect(try store.compact(keeping: []).values.allSatisfy { $0 == .unchanged })
    store.close()
    store = try disk.open()
    defer { store.close() }
    var numbers: Set<UInt32> = []
    for number in 100..<160 { numbers.insert(try await store.append([record(number)])[0].pack) }
    #expect(numbers.isDisjoint(with: sealed), "a number came again")
    #expect(!references.isEmpty && !store.contains(references[0]))
  }

  @Test func `with a damaged frame a pack is left alone and named, and the others are compacted`() async throws {
    let disk = try PackDisk()
    let (store, references) = try await filled(disk)
    defer { store.close() }
    let damaged = try #require(references.last { $0.pack == references[0].pack })
    try disk.damage(damaged, at: 30)
    let path = try disk.path(of: damaged)
    let bytes = try disk.system.readFile(path)
    let kept = references.indices.filter { $0 % 4 == 0 }
    let outcomes = try store.compact(keeping: kept.map { references[$0] })
    #expect(outcomes[damaged.pack]?.reason?.contains(path) == true, "\(outcomes)")
    #expect(try disk.system.readFile(path) == bytes)
    #expect(outcomes.filter { $0.key != damaged.pack }.values.allSatisfy { $0.isCompacted })
    for number in kept { #expect(try store.read(references[number]) == record(number)) }
    #expect(try store.verify().problems.map(\.offset) == [damaged.offset])
  }

  @Test func `a reference that no frame answers to keeps its pack from being touched`() async throws {
    let disk = try PackDisk()
    let (store, references) = try await filled(disk)
    defer { store.close() }
    let wrong = BlobReference(pack: references[0].pack, offset: references[0].offset + 8, byteCount: 100)
    let outcomes = try store.compact(keeping: [wrong])
    #expect(outcomes[wrong.pack]?.reason?.contains("has no frame at offset \(wrong.offset)") == true)
    #expect(try store.read(references[0]) == record(0))
  }

  @Test func `on a full disk nothing is lost, and a later round does the work`() async throws {
    let disk = try PackDisk()
    let (store, references) = try await filled(disk)
    defer { store.close() }
    let names = try disk.system.list("/data/blobs/packs")
    let kept = references.indices.filter { $0 % 2 == 0 }
    disk.system.plan.byteQuota = UInt64(try fileByteCount(disk)) + 2_000
    #expect { try store.compact(keeping: kept.map { references[$0] }) } throws: {
      ($0 as? StoreError)?.code == .noSpace
    }
    #expect(try disk.system.list("/data/blobs/packs") == names, "the unfinished file is removed")
    for (number, reference) in references.enumerated() { #expect(try store.read(reference) == record(number)) }
    disk.system.plan.byteQuota = nil
    let outcomes = try store.compact(keeping: kept.map { references[$0] })
    #expect(outcomes.values.allSatisfy { $0.isCompacted })
    for number in kept { #expect(try store.read(references[number]) == record(number)) }
  }

  @Test func `stopped in the middle it leaves the pack as it was`() async throws {
    struct Stopped: Error {}
    let disk = try PackDisk()
    let (store, references) = try await filled(disk)
    defer { store.close() }
    let names = try disk.system.list("/data/blobs/packs")
    for count in 1...20 {
      var calls = 0
      #expect(throws: Stopped.self) {
        try store.compact(keeping: [references[0], references[1]]) { _ in
          calls += 1
          if calls == count { throw Stopped() }
        }
      }
      if store.files.numbers(in: .sealed).count < names.count - 1 { break }
      #expect(try store.read(references[1]) == record(1))
      #expect(try store.verify().problems == [])
    }
    #expect(try disk.system.list("/data/blobs/packs").allSatisfy { !$0.hasSuffix(".compacted") })
  }

  @Test func `whoever has the old file open reads on in it`() async throws {
    let system = WrappedFileSystem(CrashableFileSystem())
    try system.createDirectory("/data")
    let store = try PackStore.open(fileSystem: system, directory: "/data", options: PackDisk.options())
    defer { store.close() }
    var references: [BlobReference] = []
    for number in 0..<40 { references += try await store.append([record(number)]) }
    await settled(store)
    let old = try store.files.open(references[0].pack)
    let found = Locked<[PackRecord?]>([])
    let first = references[0]
    system.didRename = { _ in
      let record = try? store.read(first)
      found.withLock { $0.append(record) }
    }
    _ = try store.compact(keeping: [first, references[2]])
    let reads = found.withLock { $0 }
    #expect(!reads.isEmpty && reads.allSatisfy { $0 == record(0) })
    let bytes = try old.file.readExactly(at: references[1].offset, byteCount: Int(references[1].byteCount))
    #expect(
      try PackRecord.decode(frame: bytes[...], at: references[1].offset, salt: old.salt, limit: 10_000) == record(1))
    #expect(!store.contains(references[1]))
  }

  @Test func `files that were sealed a moment ago are left alone, and those that do not say when are old`() async throws
  {
    let disk = try PackDisk()
    let (store, references) = try await filled(disk)
    defer { store.close() }
    let now = SystemClock().now()
    let sweep = try store.beginSweep()
    defer { sweep.end() }
    let none = FrameSet(FrameList())
    #expect(try sweep.uses(live: none, sealedBefore: Timestamp(rawValue: now.rawValue - 3_600_000)).isEmpty)
    let uses = try sweep.uses(live: none, sealedBefore: Timestamp(rawValue: now.rawValue + 1_000))
    #expect(uses.map(\.number) == store.files.numbers(in: .sealed))
    #expect(uses.allSatisfy { $0.deadShare == 1 })
    let seal = PackSeal(frameCount: 3, sealedAt: nil)
    #expect(try PackSeal(seal.record.bytes) == seal && seal.record.bytes == [3])
    #expect(references.count == 60)
  }

  @Test func `only one sweep goes on at a time, and none once a write has failed`() async throws {
    let disk = try PackDisk()
    let (store, _) = try await filled(disk)
    defer { store.close() }
    let sweep = try store.beginSweep()
    #expect(throws: StoreError.self) { try store.beginSweep() }
    sweep.end()
    try store.beginSweep().end()
    // The end of one is not the end of the next.
    let next = try store.beginSweep()
    sweep.end()
    #expect(throws: StoreError.self) { try store.beginSweep() }
    next.end()
    disk.system.plan.failure = { $0.kind == .sync ? .failed : nil }
    await #expect(throws: StoreError.self) { try await store.append([record(1)]) }
    #expect { try store.beginSweep() } throws: { ($0 as? StoreError)?.code == .stopped }
  }

  @Test func `the table's second copy serves where the first is damaged, without both the file is named`() async throws
  {
    for copies in [[0], [1], [0, 1]] {
      let disk = try PackDisk()
      var (store, references) = try await filled(disk)
      let kept = references.indices.filter { $0 % 3 == 0 }
      _ = try store.compact(keeping: kept.map { references[$0] })
      let pack = try store.files.open(references[0].pack)
      var tables: [UInt64] = []
      var scanner = try PackScanner(pack)
      while let item = try scanner.next() {
        if case .frame(let header, let position, _) = item, header.kind == PackRecord.Kind.locations.rawValue {
          tables.append(position)
        }
      }
      #expect(tables.count == 2)
      store.close()
      let path = try disk.path(of: references[0])
      let file = try disk.system.open(path, .readWrite)
      for copy in copies { try file.write([0xFF, 0xFF], at: tables[copy] + 25) }
      store = try disk.open()
      defer { store.close() }
      let problems = try store.verify().problems
      if copies.count == 2 {
        #expect(problems.count == 1 && problems.first?.file == path, "\(problems)")
        #expect { try store.read(references[0]) } throws: { ($0 as? StoreError)?.code == .corrupt }
      } else {
        for number in kept { #expect(try store.read(references[number]) == record(number)) }
        #expect(problems.map(\.offset) == copies.map { tables[$0] }, "\(problems)")
      }
    }
  }
}
