import Bytes
import Testing

struct ZerosTests {
  @Test(arguments: [0, 1, 2, 7, 8, 4_096, 70_001])
  func `bytes are all zero, or one anywhere is seen`(count: Int) {
    var bytes = [UInt8](repeating: 0, count: count)
    #expect(bytes[...].isAllZero)
    for place in Set([0, 1, count / 2, count - 2, count - 1]) where bytes.indices.contains(place) {
      bytes[place] = 1
      #expect(!bytes[...].isAllZero, "\(place)")
      #expect(bytes[..<place].isAllZero && bytes[(place + 1)...].isAllZero, "\(place)")
      bytes[place] = 0
    }
  }
}
