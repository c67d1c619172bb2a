import Bytes
import TestSupport
import Testing

struct CrashableFileSystemTests {
  private func makeDisk(_ plan: CrashPlan = CrashPlan()) throws -> CrashableFileSystem {
    let disk = CrashableFileSystem()
    try disk.createDirectory("/data")
    disk.plan = plan
    return disk
  }

  /// A file of `bytes`, safe with its name, open for writing.
  private func safeFile(_ disk: CrashableFileSystem, _ path: String, _ bytes: [UInt8]) throws -> any File {
    try disk.createFile(path, with: bytes)
    try disk.syncDirectory(parentDirectory(of: path))
    return try disk.open(path, .readWrite)
  }

  @Test func `synced bytes under a synced name survive whatever the crash does`() throws {
    for outcome in [CrashOutcome.kept, .dropped, .torn(seed: 1), .torn(seed: 2), .torn(seed: 3)] {
      let disk = try makeDisk()
      let file = try safeFile(disk, "/data/a", [1, 2, 3])
      try file.write([9], at: 1)
      try file.syncData()
      let after = disk.reopened(outcome)
      #expect(try after.readFile("/data/a") == [1, 9, 3], "\(outcome)")
    }
  }

  @Test(arguments: [CrashPlan.Step.Kind.write, .sync, .rename, .syncDirectory])
  func `a replaced file fails for a time only while the old one is there`(kind: CrashPlan.Step.Kind) throws {
    let disk = try makeDisk()
    try disk.replaceFile("/data/a", with: [1])
    disk.plan = CrashPlan(failure: { $0.kind == kind ? .noSpace : nil })
    let error = #expect(throws: FileError.self) { try disk.replaceFile("/data/a", with: [2]) }
    let bytes = try disk.readFile("/data/a")
    #expect(error?.isTemporary == (bytes == [1]))
    #expect(error?.isTemporary == (kind != .syncDirectory))
  }

  @Test func `unsynced bytes are kept or dropped as asked`() throws {
    for (outcome, expected) in [(CrashOutcome.kept, [UInt8]([5, 6])), (.dropped, [1])] {
      let disk = try makeDisk()
      try safeFile(disk, "/data/a", [1]).write([5, 6], at: 0)
      #expect(try disk.reopened(outcome).readFile("/data/a") == expected)
    }
  }

  @Test func `a torn write keeps each sector for itself, by the seed`() throws {
    var patterns: Set<[Bool]> = []
    for seed in UInt64(0)..<200 {
      let disk = try makeDisk()
      let file = try safeFile(disk, "/data/a", [UInt8](repeating: 1, count: 2_000))
      // From the middle of the first sector into the fourth.
      try file.write([UInt8](repeating: 2, count: 1_500), at: 100)
      let bytes = try disk.reopened(.torn(seed: seed)).readFile("/data/a")
      #expect(bytes == (try disk.reopened(.torn(seed: seed)).readFile("/data/a")), "seed \(seed)")
      #expect(bytes.count == 2_000)
      for sector in [100..<512, 512..<1_024, 1_024..<1_536, 1_536..<1_600] {
        #expect(Set(bytes[sector]).count == 1, "a sector is written whole or not, seed \(seed)")
      }
      patterns.insert([100, 512, 1_024, 1_536].map { bytes[$0] == 2 })
    }
    #expect(patterns.count == 16)
  }

  @Test func `the name of a new file is lost without a directory sync, also when its bytes are synced`() throws {
    let disk = try makeDisk()
    try disk.createFile("/data/a", with: [1])
    #expect(try disk.reopened(.dropped).list("/data") == [])
    #expect(try disk.reopened(.kept).readFile("/data/a") == [1])
  }

  @Test func `an unsynced rename is done or not, never half`() throws {
    var found: Set<[String]> = []
    for seed in UInt64(0)..<50 {
      let disk = try makeDisk()
      _ = try safeFile(disk, "/data/a", [1])
      try disk.rename("/data/a", to: "/data/b")
      let names = try disk.reopened(.torn(seed: seed)).list("/data")
      #expect(names.count == 1, "seed \(seed)")
      found.insert(names)
    }
    #expect(found == [["a"], ["b"]])
  }

  @Test func `an unsynced removal comes back with its synced bytes`() throws {
    let disk = try makeDisk()
    _ = try safeFile(disk, "/data/a", [1])
    try disk.remove("/data/a")
    #expect(try disk.reopened(.dropped).readFile("/data/a") == [1])
    try #require(!disk.reopened(.kept).exists("/data/a"))
  }

  @Test func `syncing the target's directory makes a rename between directories safe as a whole`() throws {
    let disk = try makeDisk()
    try disk.createDirectory("/data/from")
    try disk.createDirectory("/data/to")
    try disk.createFile("/data/from/a", with: [1])
    try disk.rename("/data/from/a", to: "/data/to/b")
    try disk.syncDirectory("/data/to")
    let after = disk.reopened(.dropped)
    #expect(try after.list("/data/from") == [])
    #expect(try after.readFile("/data/to/b") == [1])
  }

  @Test func `after the crash every call throws`() throws {
    let disk = try makeDisk()
    let file = try safeFile(disk, "/data/a", [1])
    let steps = disk.steps.count
    disk.plan.crashAtStep = steps + 1
    try file.write([2], at: 0)
    #expect(throws: FileError.self) { try file.syncData() }
    #expect(disk.hasCrashed)
    #expect(throws: FileError.self) { try file.read(at: 0, byteCount: 1) }
    #expect(throws: FileError.self) { try disk.list("/data") }
    #expect(throws: FileError.self) { try disk.open("/data/a", .read) }
    #expect(!disk.exists("/data/a"))
    #expect(disk.steps.count == steps + 1, "the step of the crash was not performed")
  }

  @Test func `over its quota a disk takes what fits and says so, and goes on when space returns`() throws {
    let disk = try makeDisk(CrashPlan(byteQuota: 10))
    let file = try disk.open("/data/a", .create)
    try file.write([UInt8](repeating: 1, count: 8), at: 0)
    #expect { try file.write([2, 2, 2, 2], at: 8) } throws: { ($0 as? FileError)?.code == .noSpace }
    #expect(try file.byteCount() == 10)
    try file.write([3, 3], at: 0)
    #expect { try file.preallocate(byteCount: 11) } throws: { ($0 as? FileError)?.code == .noSpace }
    disk.plan.byteQuota = 100
    try file.write([2, 2, 2, 2], at: 8)
    #expect(try file.byteCount() == 12)
  }

  @Test func `removing a file gives its space back`() throws {
    let disk = try makeDisk(CrashPlan(byteQuota: 10))
    try disk.createFile("/data/a", with: [UInt8](repeating: 1, count: 10))
    #expect(throws: FileError.self) { try disk.createFile("/data/b", with: [1]) }
    try disk.remove("/data/a")
    try disk.createFile("/data/c", with: [1])
  }

  @Test func `a failed sync forgets the pages, and the next one saves nothing of them`() throws {
    let disk = try makeDisk()
    let file = try safeFile(disk, "/data/a", [1, 1])
    disk.plan.failure = { $0.kind == .sync ? .failed : nil }
    try file.write([2], at: 0)
    #expect { try file.syncData() } throws: { ($0 as? FileError)?.code == .failed }
    disk.plan.failure = nil
    try file.write([3], at: 1)
    try file.syncData()
    #expect(try file.read(at: 0, byteCount: 2) == [2, 3])
    #expect(try disk.reopened(.dropped).readFile("/data/a") == [1, 3])
  }

  @Test func `pages that a failed sync forgot stay forgotten when the process is killed, until they are written again`()
    throws
  {
    for rewrites in [false, true] {
      let disk = try makeDisk()
      let file = try safeFile(disk, "/data/a", [1, 1])
      disk.plan.failure = { $0.kind == .sync ? .failed : nil }
      try file.write([2], at: 0)
      #expect(throws: FileError.self) { try file.syncData() }
      let next = disk.reopened(.kept)
      #expect(try next.readFile("/data/a") == [2, 1], "the next process sees them")
      let again = try next.open("/data/a", .readWrite)
      if rewrites { try again.write([2], at: 0) }
      try again.syncData()
      #expect(try next.reopened(.dropped).readFile("/data/a") == [rewrites ? 2 : 1, 1])
    }
  }

  @Test func `what the next process does not sync is lost with the power, names too`() throws {
    let disk = try makeDisk()
    try safeFile(disk, "/data/a", [1]).write([2], at: 0)
    try disk.createFile("/data/b", with: [3])
    let next = disk.reopened(.kept)
    #expect(try next.readFile("/data/a") == [2])
    #expect(try next.readFile("/data/b") == [3])
    let after = next.reopened(.dropped)
    #expect(try after.readFile("/data/a") == [1])
    #expect(!after.exists("/data/b"))
  }

  @Test func `bytes written and synced over forgotten pages are never undone by them`() throws {
    for seed in UInt64(0)..<50 {
      let disk = try makeDisk()
      let file = try safeFile(disk, "/data/a", [UInt8](repeating: 1, count: 2_048))
      disk.plan.failure = { $0.kind == .sync ? .failed : nil }
      try file.write([UInt8](repeating: 2, count: 2_048), at: 0)
      try file.truncate(to: 100)
      #expect(throws: FileError.self) { try file.syncData() }
      disk.plan.failure = nil
      try file.write([UInt8](repeating: 3, count: 512), at: 512)
      try file.syncData()
      let bytes = try disk.reopened(.torn(seed: seed)).readFile("/data/a")
      #expect(bytes.count >= 1_024 && bytes[512..<1_024].allSatisfy { $0 == 3 }, "seed \(seed)")
    }
  }

  @Test func `a failed write has written half`() throws {
    let disk = try makeDisk()
    let file = try safeFile(disk, "/data/a", [])
    disk.plan.failure = { $0.kind == .write ? .noSpace : nil }
    #expect { try file.write([1, 2, 3, 4], at: 0) } throws: { ($0 as? FileError)?.code == .noSpace }
    #expect(try file.read(at: 0, byteCount: 9) == [1, 2])
  }
}
