import APISupport
import Bytes
import HTTPAPI
import HTTPTypes
import Testing

@Suite struct MetricsRouteTests {
  @Test func `metrics are answered in Prometheus' format, to anybody`() async throws {
    try await APIHarness.run { api in
      api.mail.families.withLock {
        $0 = [MetricFamily("maildex_queue_depth", "Mails that wait.", .gauge([.init(3)]))]
      }
      let answer = try await api.send(.get, "/metrics", as: nil)
      #expect(answer.status == 200)
      #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
      let text = String(decoding: answer.bytes, as: UTF8.self)
      #expect(
        text == "# HELP maildex_queue_depth Mails that wait.\n# TYPE maildex_queue_depth gauge\nmaildex_queue_depth 3\n"
      )
    }
  }
}
