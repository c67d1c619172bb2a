import Bytes
import MailStore
import TestSupport
import Testing

@Suite struct SavedSearchTests {
  @Test func `ids sort by the time of their making, and tell it`() {
    var random = SeededGenerator(seed: 1)
    let times = [0, 1, 1_714_555_800_000, 1_714_555_800_001].map { Timestamp(rawValue: $0) }
    let ids = times.map { SavedSearchID(at: $0, using: &random) }
    #expect(ids == ids.sorted())
    #expect(ids.map(\.createdAt) == times)
    // A clock that is wrong makes no trap.
    #expect(SavedSearchID(at: Timestamp(rawValue: -5), using: &random).createdAt.rawValue == 0)
  }

  @Test func `an id is one text and no other`() {
    let id = SavedSearchID(rawValue: 0x0189_ABCD_0000_00F1)
    #expect(id.description == "0189abcd000000f1")
    #expect(SavedSearchID("0189abcd000000f1") == id)
    for text in [
      "", "189abcd000000f1", "0189ABCD000000F1", "+189abcd000000f1", "00189abcd000000f1", "0189abcd000000g1",
    ] {
      #expect(SavedSearchID(text) == nil, "\(text)")
    }
  }
}
