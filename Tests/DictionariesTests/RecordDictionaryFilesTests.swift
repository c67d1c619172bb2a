import Dictionaries
import Testing

@Suite struct RecordDictionaryFilesTests {
  /// RFC 8878 §5: a magic number, then the id, little-endian; ids from 32,768 on are for private use.
  @Test func `every file is a zstd dictionary with an id of its own, oldest first`() {
    let files = RecordDictionaryFiles.records
    #expect(!files.isEmpty)
    #expect(files.allSatisfy { $0.starts(with: [0x37, 0xA4, 0x30, 0xEC]) && $0.count >= 256 })
    let ids = files.map { UInt32($0[4]) | UInt32($0[5]) << 8 | UInt32($0[6]) << 16 | UInt32($0[7]) << 24 }
    #expect(ids == (1...files.count).map { 0x8000 + UInt32($0) })
  }
}
