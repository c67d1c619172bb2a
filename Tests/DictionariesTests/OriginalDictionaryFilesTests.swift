import Dictionaries
import Testing

@Suite struct OriginalDictionaryFilesTests {
  /// RFC 8878 §5: a magic number, then the id, little-endian; ids from 32,768 on are for private use.
  @Test func `every file is a zstd dictionary with an id that no other has, oldest first`() {
    func ids(_ files: [[UInt8]]) -> [UInt32] {
      files.map { UInt32($0[4]) | UInt32($0[5]) << 8 | UInt32($0[6]) << 16 | UInt32($0[7]) << 24 }
    }
    let files = OriginalDictionaryFiles.originals
    #expect(!files.isEmpty)
    #expect(files.allSatisfy { $0.starts(with: [0x37, 0xA4, 0x30, 0xEC]) && $0.count <= 64 << 10 })
    #expect(ids(files) == (1...files.count).map { 0x8100 + UInt32($0) })
    #expect(Set(ids(files)).isDisjoint(with: ids(RecordDictionaryFiles.records)))
  }
}
