import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct ShadowStateTests {
  static let example: ShadowState = {
    var state = ShadowState(
      scope: .user(UserID(rawValue: 5)), isFromSource: true, analyzerHash: 0x22, pinned: [1, 300])
    state.finishedRuns = [301]
    state.finishedSegments = [302]
    state.lastUser = UserID(rawValue: 4)
    state.partial = ShadowState.Partial(
      user: UserID(rawValue: 5), lastDocID: DocID(rawValue: 900), segments: [303, 304])
    state.progress.users = 1
    state.progress.records = 900
    state.progress.textByteCount = 100_000
    return state
  }()

  @Test func `the example of the format page has exactly these bytes`() {
    #expect(hex(Self.example.encode()) == Self.golden)
  }

  @Test func `what was encoded is decoded`() throws {
    #expect(try ShadowState.decode(Self.example.encode()) == Self.example)
    var whole = Self.example
    whole.scope = .all
    whole.partial = nil
    whole.lastUser = nil
    #expect(try ShadowState.decode(whole.encode()) == whole)
  }

  @Test func `every truncation and every flipped bit is an error`() {
    let bytes = Self.example.encode()
    for count in 0..<bytes.count {
      #expect(throws: DecodingError.self, "\(count) bytes") { try ShadowState.decode(Array(bytes[..<count])) }
    }
    for (offset, flipped) in flips(of: bytes) {
      #expect(throws: DecodingError.self, "flipped byte \(offset)") { try ShadowState.decode(flipped) }
    }
  }

  static let golden =
    "4d 44 58 53 48 44 32 0a 01 05 00 00 00 01 22 00 00 00 00 00 00 00 02 01 ac 02 01 ad 02 01 ae 02 "
    + "01 04 00 00 00 01 05 00 00 00 84 03 00 00 02 af 02 b0 02 01 84 07 a0 8d 06 9c 56 38 cb"
}
