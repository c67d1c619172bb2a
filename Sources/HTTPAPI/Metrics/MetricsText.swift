import Bytes

/// Metrics in Prometheus' text format 0.0.4.
///
///     # HELP name what it is
///     # TYPE name gauge
///     name{label="value"} 12.5
enum MetricsText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  static func encode(_ families: [MetricFamily]) -> String {
    var text = ""
    for family in families {
      text += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n"
      switch family.values {
      case .counter(let samples): append(samples, of: family, "counter", to: &text)
      case .gauge(let samples): append(samples, of: family, "gauge", to: &text)
      case .histogram(let histogram): append(histogram, of: family, to: &text)
      }
    }
    return text
  }

  private static func append(
    _ samples: [MetricFamily.Sample], of family: MetricFamily, _ type: String, to text: inout String
  ) {
    text += "# TYPE \(family.name) \(type)\n"
    for sample in samples {
      let labels = sample.labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
      text += "\(family.name)\(labels.isEmpty ? "" : "{\(labels)}") \(number(sample.value))\n"
    }
  }

  private static func append(_ histogram: Histogram, of family: MetricFamily, to text: inout String) {
    text += "# TYPE \(family.name) histogram\n"
    for (bound, count) in zip(histogram.bounds, histogram.cumulativeCounts) {
      text += "\(family.name)_bucket{le=\"\(number(bound))\"} \(count)\n"
    }
    text += "\(family.name)_bucket{le=\"+Inf\"} \(histogram.count)\n"
    text += "\(family.name)_sum \(number(histogram.sum))\n\(family.name)_count \(histogram.count)\n"
  }

  /// Whole numbers without a point.
  private static func number(_ value: Double) -> String {
    Int64(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}
