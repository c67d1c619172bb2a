import Bytes
import Testing

@Suite struct HistogramTests {
  @Test func `each bound counts the values that are not above it`() {
    var histogram = Histogram(bounds: [1, 2, 4])
    for value in [0.5, 1, 1.5, 3, 100] { histogram.note(value) }
    #expect(histogram.cumulativeCounts == [2, 3, 4])
    #expect(histogram.count == 5)
    #expect(histogram.sum == 106)
  }

  @Test func `an empty one counts nothing`() {
    #expect(Histogram(bounds: [1]).cumulativeCounts == [0])
    #expect(Histogram(bounds: []).count == 0)
  }
}
