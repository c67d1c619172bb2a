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
      Manifest.Run(number: 1, byteCount: 200, recordCount: 3, analyzerHash: 0x11),
      Manifest.Run(number: 2, byteCount: 100, recordCount: 1, analyzerHash: 0x22),
    ]
    manifest.removedUsers = [UserID(rawValue: 9)]
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

  @Test func `a run listed twice or never reserved is an error`() {
    var twice = Self.example
    twice.runs.append(twice.runs[0])
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

  static let golden =
    "4d 44 58 4d 41 4e 31 0a 04 00 00 00 00 00 00 00 2c 01 00 00 00 00 00 00 40 00 00 00 00 00 00 00 "
    + "02 01 c8 01 03 11 00 00 00 00 00 00 00 02 64 01 22 00 00 00 00 00 00 00 01 09 bc 22 ce 27"
}
