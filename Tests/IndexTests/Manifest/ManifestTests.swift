import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct ManifestTests {
  static let example: Manifest = {
    var manifest = Manifest()
    manifest.editNumber = 4
    manifest.appliedSequence = SequenceNumber(rawValue: 300)
    manifest.reservedThrough = 64
    manifest.runs = [
      Manifest.Entry(number: 1, byteCount: 200, recordCount: 3, analyzerHash: 0x11),
      Manifest.Entry(number: 2, byteCount: 100, recordCount: 1, analyzerHash: 0x22),
    ]
    manifest.segments = [
      Manifest.Entry(
        number: 3, byteCount: 400, recordCount: 2, analyzerHash: 0x22, voidedUsers: [UserID(rawValue: 6)])
    ]
    manifest.removedUsers = [UserID(rawValue: 9)]
    manifest.replaced = [UserID(rawValue: 5): DocIDBitmap([DocID(rawValue: 1), DocID(rawValue: 200)])]
    manifest.attributeFiles = [Manifest.Entry(number: 4, byteCount: 500, recordCount: 6, analyzerHash: 0)]
    return manifest
  }()

  @Test func `the example of the format page has exactly these bytes`() {
    #expect(hex(Self.example.encode()) == Self.golden)
  }

  @Test func `what was encoded is decoded`() throws {
    #expect(try Manifest.decode(Self.example.encode()) == Self.example)
  }

  @Test func `every truncation and every flipped bit is an error`() {
    let bytes = Self.example.encode()
    for count in 0..<bytes.count {
      #expect(throws: DecodingError.self, "\(count) bytes") { try Manifest.decode(Array(bytes[..<count])) }
    }
    for (offset, flipped) in flips(of: bytes) {
      #expect(throws: DecodingError.self, "flipped byte \(offset)") { try Manifest.decode(flipped) }
    }
  }

  @Test func `a manifest of the first version is read`() throws {
    var manifest = Self.example
    manifest.segments = []
    manifest.replaced = [:]
    manifest.attributeFiles = []
    #expect(try Manifest.decode(Self.bytes(Self.firstVersion)) == manifest)
  }

  @Test func `a manifest of the second version is read`() throws {
    var manifest = Self.example
    manifest.segments[0].voidedUsers = []
    manifest.attributeFiles = []
    #expect(try Manifest.decode(Self.bytes(Self.secondVersion)) == manifest)
  }

  private static func bytes(_ hex: String) -> [UInt8] {
    hex.split(separator: " ").compactMap { UInt8($0, radix: 16) }
  }

  @Test func `a file listed twice or never reserved is an error`() {
    var twice = Self.example
    twice.segments.append(twice.runs[0])
    #expect(throws: DecodingError.self) { try Manifest.decode(twice.encode()) }
    var foreign = Self.example
    foreign.reservedThrough = 1
    #expect(throws: DecodingError.self) { try Manifest.decode(foreign.encode()) }
  }

  @Test func `file numbers are durably reserved before they are given out, and never twice`() throws {
    let disk = CrashableFileSystem()
    try disk.createDirectory("index")
    var manifest = try ManifestFile.open(fileSystem: disk, directory: "index")
    let first = try (0..<100).map { _ in try manifest.reserveFileNumber() }
    #expect(Set(first).count == 100)
    let reopened = disk.reopened(.dropped)
    var after = try ManifestFile.open(fileSystem: reopened, directory: "index")
    #expect(after.manifest.reservedThrough >= 100)
    #expect(try after.reserveFileNumber() > first.max()!)
  }

  static let firstVersion =
    "4d 44 58 4d 41 4e 31 0a 04 00 00 00 00 00 00 00 2c 01 00 00 00 00 00 00 40 00 00 00 00 00 00 00 "
    + "02 01 c8 01 03 11 00 00 00 00 00 00 00 02 64 01 22 00 00 00 00 00 00 00 01 09 bc 22 ce 27"

  static let secondVersion =
    "4d 44 58 4d 41 4e 32 0a 04 00 00 00 00 00 00 00 2c 01 00 00 00 00 00 00 40 00 00 00 00 00 00 00 "
    + "02 01 c8 01 03 11 00 00 00 00 00 00 00 02 64 01 22 00 00 00 00 00 00 00 01 03 90 03 02 22 00 00 "
    + "00 00 00 00 00 01 09 01 05 02 01 c8 01 71 bb 47 ad"

  static let golden =
    "4d 44 58 4d 41 4e 33 0a 04 00 00 00 00 00 00 00 2c 01 00 00 00 00 00 00 40 00 00 00 00 00 00 00 "
    + "02 01 c8 01 03 11 00 00 00 00 00 00 00 02 64 01 22 00 00 00 00 00 00 00 01 03 90 03 02 22 00 00 "
    + "00 00 00 00 00 01 06 01 09 01 05 02 01 c8 01 01 04 f4 03 06 00 00 00 00 00 00 00 00 6d f5 64 5f"
}
