import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct AttributeFileTests {
  /// Two users: a base of three documents, and a delta of one that changed and one that is removed. As on the format page.
  static func write(_ disk: CrashableFileSystem) throws {
    try disk.createDirectory("d")
    var writer = try AttributeFileWriter(fileSystem: disk, directory: "d", number: 7)
    try writer.beginPart(of: UserID(rawValue: 3), sequence: SequenceNumber(rawValue: 12), isBase: true)
    try writer.append(1, Self.attributes(1_700_000_000_000, folder: 1, [.isRead], thread: 1))
    try writer.append(2, Self.attributes(1_700_000_060_000, folder: 1, [], ["work"], thread: 1))
    try writer.append(4, Self.attributes(1_700_000_030_000, folder: 2, [.isRead], thread: 4))
    try writer.endPart()
    try writer.beginPart(of: UserID(rawValue: 9), sequence: SequenceNumber(rawValue: 300), isBase: false)
    try writer.append(200, Self.attributes(1_700_000_000_123, folder: 1, [.isRead, .isStarred], thread: 150))
    try writer.append(201, nil)
    try writer.endPart()
    _ = try writer.finish()
  }

  private static func attributes(
    _ receivedAt: Int64, folder: UInt32, _ flags: IndexFlags, _ labels: [String] = [], thread: UInt32
  ) -> DocumentAttributes {
    DocumentAttributes(
      receivedAt: Timestamp(rawValue: receivedAt), folder: FolderID(rawValue: folder), flags: flags, labels: labels,
      size: 1_000, thread: thread)
  }

  static func open(_ disk: CrashableFileSystem) throws -> AttributeFileReader {
    try AttributeFileReader(fileSystem: disk, directory: "d", number: 7)
  }

  static func contents(_ file: AttributeFileReader) throws -> [String] {
    try (0..<file.fences.count).flatMap { index -> [String] in
      let fence = file.fences[index]
      var part = try AttributePartReader(file, fence)
      var lines = ["user \(fence.user) \(fence.isBase ? "base" : "delta") \(part.sequence)"]
      while let block = try part.next() {
        for row in 0..<block.count {
          let attributes = block.attributes(row).map {
            "\($0.receivedAt.rawValue) \($0.folder) \($0.flags.rawValue) \($0.labels) \($0.size) \($0.thread)"
          }
          lines.append("\(block.docIDs[row]): \(attributes ?? "removed")")
        }
      }
      return lines
    }
  }

  @Test func `the example of the format page has exactly these bytes`() throws {
    let disk = CrashableFileSystem()
    try Self.write(disk)
    #expect(hex(try disk.readFile("d/0000000007.att")) == Self.golden)
  }

  @Test func `what was written is read`() throws {
    let disk = CrashableFileSystem()
    try Self.write(disk)
    let file = try Self.open(disk)
    #expect(
      try Self.contents(file) == [
        "user u3 base #12", "1: 1700000000000 f1 1 [] 1000 1", "2: 1700000060000 f1 0 [\"work\"] 1000 1",
        "4: 1700000030000 f2 1 [] 1000 4", "user u9 delta #300", "200: 1700000000123 f1 3 [] 1000 150",
        "201: removed",
      ])
    #expect(file.rowCount == 5)
    #expect(file.fences.part(of: UserID(rawValue: 4)) == nil)
    #expect(file.verify().isEmpty)
  }

  @Test func `every flipped bit is found by verify, and no read gives what was not written or traps`() throws {
    let disk = CrashableFileSystem()
    try Self.write(disk)
    let good = try disk.readFile("d/0000000007.att")
    let contents = try Self.contents(Self.open(disk))
    for (offset, flipped) in flips(of: good) {
      let damaged = CrashableFileSystem()
      try damaged.createDirectory("d")
      try damaged.createFile("d/0000000007.att", with: flipped)
      do {
        let file = try Self.open(damaged)
        #expect(!file.verify().isEmpty, "flipped byte \(offset)")
        #expect(try Self.contents(file) == contents, "flipped byte \(offset)")
      } catch let error as IndexError {
        #expect(
          error.code == .corrupt && error.message.contains("d/0000000007.att"), "flipped byte \(offset): \(error)")
      }
    }
  }

  @Test func `a file cut short is an error that names it`() throws {
    let disk = CrashableFileSystem()
    try Self.write(disk)
    let good = try disk.readFile("d/0000000007.att")
    for count in 0..<good.count {
      let damaged = CrashableFileSystem()
      try damaged.createDirectory("d")
      try damaged.createFile("d/0000000007.att", with: Array(good[..<count]))
      #expect(throws: IndexError.self, "\(count) bytes") { try Self.open(damaged) }
    }
  }

  @Test func `a part of many blocks and pages is read whole, and in few reads`() throws {
    let disk = CrashableFileSystem()
    try disk.createDirectory("d")
    var writer = try AttributeFileWriter(fileSystem: disk, directory: "d", number: 7)
    var random = SeededGenerator(seed: 4)
    var rows: [AttributeLog.Entry] = []
    for user in 1...3 as ClosedRange<UInt32> {
      try writer.beginPart(of: UserID(rawValue: user), sequence: SequenceNumber(rawValue: 1), isBase: true)
      for docID in 1...(user == 2 ? 100_000 : 10) as ClosedRange<UInt32> {
        let attributes = AttributeBlockTests.random(docID, &random)
        try writer.append(docID, attributes)
        if user == 2 { rows.append(AttributeLog.Entry(docID: docID, attributes: attributes)) }
      }
      try writer.endPart()
    }
    _ = try writer.finish()
    let counting = WrappedFileSystem(disk)
    let file = try AttributeFileReader(fileSystem: counting, directory: "d", number: 7)
    let readsBefore = counting.readCount
    var part = try AttributePartReader(file, try #require(file.fences.part(of: UserID(rawValue: 2))))
    var read: [AttributeLog.Entry] = []
    while let block = try part.next() {
      for row in 0..<block.count {
        read.append(AttributeLog.Entry(docID: block.docIDs[row], attributes: block.attributes(row)))
      }
    }
    #expect(read == rows)
    #expect(counting.readCount - readsBefore <= 1 + Int(file.byteCount) / (256 << 10))
    #expect(file.verify().isEmpty)
  }

  @Test func `fences take twelve bytes of memory for a user`() throws {
    var fences = AttributeFences()
    for user in 1...1_000 as ClosedRange<UInt32> {
      fences.append(UserID(rawValue: user * 7), end: UInt64(user) * 40, isBase: user % 3 == 0)
    }
    #expect(fences.byteCount == 12_000)
    let decoded = try AttributeFences(decoding: fences.encode(), streamByteCount: 40_000)
    #expect(decoded == fences)
    #expect(decoded.part(of: UserID(rawValue: 21))?.isBase == true)
    #expect(decoded.part(of: UserID(rawValue: 22)) == nil)
    #expect(throws: DecodingError.self) { try AttributeFences(decoding: fences.encode(), streamByteCount: 40_001) }
  }

  static let golden =
    "4d 44 58 41 54 52 31 0a 07 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 e5 48 59 3f 03 0c 2d 03 "
    + "01 01 02 02 01 00 01 02 02 01 02 01 04 01 3f 08 01 00 e2 cf aa 06 00 78 3b 00 0a e8 a3 8f 3e 01 "
    + "02 01 04 77 6f 72 6b 01 01 00 01 02 09 ac 02 1b 02 c8 01 00 02 03 80 01 01 02 01 01 00 20 f6 d0 "
    + "ca 9f 0a 17 03 0a e8 03 06 32 00 19 f6 9a 7d 02 03 61 06 3e 43 6e 46 21 6f 00 00 00 00 00 00 00 "
    + "05 00 00 00 00 00 00 00 4a a3 7f 16 ec e5 68 b4 ac 1d 9b 1f 41 54 52 45 4e 44 31 0a"
}
