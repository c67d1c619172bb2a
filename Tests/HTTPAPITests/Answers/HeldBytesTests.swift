import Bytes
import HTTPAPI
import HTTPTypes
import Hummingbird
import MailStore
import NIOCore
import Testing

struct HeldBytesTests {
  /// Notes what is written and how.
  private final class Recorder: ResponseBodyWriter, Sendable {
    let buffers = Locked<[ByteBuffer]>([])

    func write(_ buffer: ByteBuffer) { buffers.withLock { $0.append(buffer) } }
    func finish(_ trailingHeaders: HTTPFields?) {}

    var bytes: [UInt8] { buffers.withLock { $0.flatMap { Array($0.readableBytesView) } } }
    var sizes: [Int] { buffers.withLock { $0.map(\.readableBytes) } }
  }

  private static let chunk = HeldBytes.chunkByteCount
  private static let pieces = [
    (0..<1_000).map { UInt8(truncatingIfNeeded: $0) }, [],
    (0..<(2 * chunk + 7)).map { UInt8(truncatingIfNeeded: $0 &* 31) },
  ]
  private static let whole = 0..<(1_000 + 2 * chunk + 7)

  @Test(arguments: [
    whole, 0..<0, 0..<1, 999..<1_001, 1_000..<1_001, 5..<whole.upperBound, whole.upperBound - 3..<whole.upperBound,
    0..<chunk, 0..<chunk + 1, 900..<900 + 2 * chunk,
  ])
  func `any range of the pieces is those bytes, in chunks`(range: Range<Int>) async throws {
    let budget = AnswerBudget(byteCount: 1 << 30)
    let held = HeldBytes(Self.pieces, claim: try budget.claim(0, for: UserID(rawValue: 1)))
    #expect(held.count == Self.whole.count)
    let recorder = Recorder()
    let body = held.body(range)
    #expect(body.contentLength == range.count)
    try await body.write(recorder)
    #expect(recorder.bytes == Array(Array(Self.pieces.joined())[range]))
    #expect(recorder.sizes.allSatisfy { $0 <= Self.chunk })
  }

  @Test func `a body holds its claim for as long as it is there, a small one does not`() throws {
    let budget = AnswerBudget(byteCount: 1 << 30)
    var large: ResponseBody?
    var small: ResponseBody?
    do {
      let held = HeldBytes(Self.pieces, claim: try budget.claim(1, for: UserID(rawValue: 1)))
      large = held.body(Self.whole)
      small = held.body(0..<10)
    }
    #expect(budget.inFlight == Self.whole.count)
    large = nil
    #expect(budget.inFlight == 0)
    #expect(small?.contentLength == 10 && large == nil)
    small = nil
  }
}
