/// Milliseconds, summarised the way the results quote them.
struct Latencies: Sendable {
  private(set) var values: [Double] = []

  mutating func add(_ duration: Duration) {
    values.append(Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) / 1e15)
  }

  mutating func add(_ other: Latencies) { values += other.values }

  var json: String {
    let sorted = values.sorted()
    func quantile(_ share: Double) -> String {
      guard !sorted.isEmpty else { return "null" }
      let value = sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
      return String(Double(Int(value * 1_000)) / 1_000)
    }
    return "{\"n\":\(sorted.count),\"p50\":\(quantile(0.5)),\"p95\":\(quantile(0.95)),\"p99\":\(quantile(0.99)),"
      + "\"max\":\(quantile(1))}"
  }
}
