import Bytes
import Testing

@testable import HTTPAPI

@Suite struct MetricsTextTests {
  @Test func `counters and gauges are written with help, type, labels and value`() {
    let text = MetricsText.encode([
      MetricFamily("maildex_mails_total", "Mails so far.", .counter([.init(3)])),
      MetricFamily(
        "maildex_depth", "How deep.",
        .gauge([.init(0.5, labels: [("shard", "0")]), .init(7, labels: [("shard", "1"), ("kind", "x")])])),
    ])
    #expect(
      text == """
        # HELP maildex_mails_total Mails so far.
        # TYPE maildex_mails_total counter
        maildex_mails_total 3
        # HELP maildex_depth How deep.
        # TYPE maildex_depth gauge
        maildex_depth{shard="0"} 0.5
        maildex_depth{shard="1",kind="x"} 7

        """)
  }

  @Test func `a histogram has its buckets, the one without bound, sum and count`() {
    var histogram = Histogram(bounds: [0.25, 1])
    for value in [0.25, 0.5, 8] { histogram.note(value) }
    #expect(
      MetricsText.encode([MetricFamily("maildex_seconds", "Time.", .histogram(histogram))]) == """
        # HELP maildex_seconds Time.
        # TYPE maildex_seconds histogram
        maildex_seconds_bucket{le="0.25"} 1
        maildex_seconds_bucket{le="1"} 2
        maildex_seconds_bucket{le="+Inf"} 3
        maildex_seconds_sum 8.75
        maildex_seconds_count 3

        """)
  }

  @Test func `what would end a line or a label is escaped`() {
    let text = MetricsText.encode([
      MetricFamily("m", "a\\b\n\"c\"", .gauge([.init(1, labels: [("l", "a\\b\n\"c\"")])]))
    ])
    #expect(text.contains("# HELP m a\\\\b\\n\"c\"\n"))
    #expect(text.contains("m{l=\"a\\\\b\\n\\\"c\\\"\"} 1\n"))
  }
}
