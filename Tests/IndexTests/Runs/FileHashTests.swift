import TestSupport
import Testing

@testable import Index

@Suite struct FileHashTests {
  /// From the reference implementation (`xxhsum -H1`).
  @Test(
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ] as [(String, UInt64)])
  func `is XXH64`(text: String, expected: UInt64) {
    var hash = FileHash()
    hash.update(Array(text.utf8))
    #expect(hash.value == expected)
  }

  @Test func `does not depend on the pieces it is fed`() {
    var random = SeededGenerator(seed: 3)
    let bytes = (0..<5_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    var whole = FileHash()
    whole.update(bytes)
    var pieces = FileHash()
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 0...100, using: &random))
      pieces.update(Array(piece))
      rest = rest.dropFirst(piece.count)
    }
    #expect(pieces.value == whole.value)
  }
}
