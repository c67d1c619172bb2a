package import Bytes

/// One metric with all its values, as Prometheus knows it.
package struct MetricFamily: Sendable {
  package enum Values: Sendable {
    /// Never goes down but with a restart.
    case counter([Sample])
    case gauge([Sample])
    case histogram(Histogram)
  }

  package struct Sample: Sendable {
    /// Name and value, in order.
    package let labels: [(name: String, value: String)]
    package let value: Double

    package init(_ value: Double, labels: [(name: String, value: String)] = []) {
      self.labels = labels
      self.value = value
    }
  }

  /// Letters, digits and `_`, with the unit last; a counter's ends in `_total`.
  package let name: String
  package let help: String
  package let values: Values

  package init(_ name: String, _ help: String, _ values: Values) {
    self.name = name
    self.help = help
    self.values = values
  }
}
