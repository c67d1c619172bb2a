import Bytes
import Index
import Testing

@testable import Query

@Suite struct RelevanceBasisTests {
  @Test func `what a cursor keeps comes back`() throws {
    var basis = RelevanceBasis(DocIDBitmap([1, 7, 70_000].map(DocID.init(rawValue:))))
    #expect(basis.newest == DocID(rawValue: 70_000))
    #expect(basis.documentCount == 3)
    basis.frequencies = [0, 3, 1]
    #expect(try RelevanceBasis(basis.bytes) == basis)
  }

  @Test func `an empty mailbox has one too`() throws {
    var basis = RelevanceBasis(DocIDBitmap())
    basis.frequencies = []
    #expect(try RelevanceBasis(basis.bytes) == basis)
  }

  @Test(
    arguments: [[], [0x80], [1], [1, 0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]]
      as [[UInt8]])
  func `bytes of no cursor are refused`(bytes: [UInt8]) {
    #expect(throws: DecodingError.self) { try RelevanceBasis(bytes) }
  }
}
