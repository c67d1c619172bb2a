import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct RunTests {
  /// Three records of two users, with made-up frames and hashes, as on the format page.
  static let records: [(user: UInt32, docID: UInt32, record: EncodedRecord)] = [
    (3, 1, EncodedRecord(frame: [0xAA, 0xAB], termHashes: [0x1000_0000, 0x8000_0000])),
    (3, 5, EncodedRecord(frame: [0xBB], termHashes: [0x8000_0000])),
    (9, 2, EncodedRecord(frame: [0xCC, 0xCD, 0xCE], termHashes: [0xFFFF_FFFF])),
  ]

  static func write(_ disk: CrashableFileSystem, _ records: [(user: UInt32, docID: UInt32, record: EncodedRecord)])
    throws
  {
    try disk.createDirectory("d")
    var writer = try RunWriter(fileSystem: disk, directory: "d", number: 7, analyzerHash: 0x1122_3344_5566_7788)
    for (user, docID, record) in records { try writer.append(UserID(rawValue: user), DocID(rawValue: docID), record) }
    let byteCount = try writer.finish()
    #expect(try UInt64(disk.readFile("d/0000000007.run").count) == byteCount)
  }

  static func open(_ disk: CrashableFileSystem) throws -> RunReader {
    try RunReader(fileSystem: disk, directory: "d", number: 7)
  }

  /// All records of a run, read as a search reads them.
  static func contents(_ run: RunReader) throws -> [String] {
    try run.fences.blocks.flatMap { block in
      let head = try run.readHead(block)
      return try head.docIDs.indices.map {
        "\(head.user) \(head.docIDs[$0]) \(hex(try run.readFrame(block, head, $0)))"
      }
    }
  }

  @Test func `the example of the format page has exactly these bytes`() throws {
    let disk = CrashableFileSystem()
    try Self.write(disk, Self.records)
    #expect(hex(try disk.readFile("d/0000000007.run")) == Self.golden)
  }

  @Test func `what was written is read`() throws {
    let disk = CrashableFileSystem()
    try Self.write(disk, Self.records)
    let run = try Self.open(disk)
    #expect(try Self.contents(run) == ["3 1 aa ab", "3 5 bb", "9 2 cc cd ce"])
    #expect(run.recordCount == 3)
    #expect(run.fences.blocks(of: UserID(rawValue: 4)).isEmpty)
  }

  @Test func `blocks end at 32 records, at 64 KiB and with their user`() throws {
    let disk = CrashableFileSystem()
    let small = (1...70).map { (user: UInt32(1), docID: UInt32($0), record: EncodedRecord(frame: [1], termHashes: [])) }
    let large = (1...3).map {
      (
        user: UInt32(2), docID: UInt32($0),
        record: EncodedRecord(frame: [UInt8](repeating: 2, count: 40_000), termHashes: [])
      )
    }
    try Self.write(disk, small + large)
    let run = try Self.open(disk)
    #expect(run.fences.blocks(of: UserID(rawValue: 1)).map { $0.lastDocID } == [32, 64, 70])
    #expect(run.fences.blocks(of: UserID(rawValue: 2)).count == 3)
    #expect(try Self.contents(run).count == 73)
  }

  @Test func `every truncation is named`() throws {
    let disk = CrashableFileSystem()
    try Self.write(disk, Self.records)
    let bytes = try disk.readFile("d/0000000007.run")
    for count in 0..<bytes.count {
      let error = #expect(throws: IndexError.self, "\(count) bytes") {
        try Self.open(Self.disk(Array(bytes[..<count])))
      }
      #expect(error?.code == .corrupt && error?.message.contains("d/0000000007.run") == true)
    }
  }

  @Test func `every flipped bit is found, and none becomes another record`() throws {
    let analyzers = try AnalyzerSet.builtIn()
    let disk = CrashableFileSystem()
    let records = ["one", "two", "three"].enumerated().map {
      (user: UInt32(3), docID: UInt32($0 + 1), record: EncodedRecord.make(Samples.record($1), analyzers))
    }
    try Self.write(disk, records)
    let bytes = try disk.readFile("d/0000000007.run")
    let expected = try Self.contents(Self.open(disk))
    for (offset, flipped) in flips(of: bytes) {
      do {
        let run = try Self.open(Self.disk(flipped))
        #expect(!run.verify().isEmpty, "flipped byte \(offset)")
        if let read = try? Self.contents(run) { #expect(read == expected, "flipped byte \(offset)") }
      } catch let error as IndexError {
        #expect(error.code == .corrupt && error.message.contains("d/0000000007.run"), "flipped byte \(offset)")
      }
    }
  }

  static func disk(_ bytes: [UInt8]) throws -> CrashableFileSystem {
    let disk = CrashableFileSystem()
    try disk.createDirectory("d")
    try disk.createFile("d/0000000007.run", with: bytes)
    return disk
  }

  static let golden =
    "4d 44 58 52 55 4e 31 0a 07 00 00 00 00 00 00 00 88 77 66 55 44 33 22 11 bb f2 83 6a 03 00 00 00 "
    + "01 00 00 00 02 25 00 00 00 00 02 e2 83 ba f4 04 01 a3 8a e1 79 0d 02 80 04 80 1c 00 07 e9 93 0c "
    + "ea aa ab bb 09 00 00 00 02 00 00 00 01 1b 00 00 00 00 03 32 51 b4 21 0c 01 ff 1f 69 28 d7 06 cc "
    + "cd ce 02 03 01 01 04 25 03 06 01 02 00 1b 03 6f ba c8 ba 62 00 00 00 00 00 00 00 03 00 00 00 00 "
    + "00 00 00 a8 7e a4 02 8a 1f 96 f6 70 20 55 6a 52 55 4e 45 4e 44 31 0a"
}
