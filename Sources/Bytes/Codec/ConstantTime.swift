extension Array where Element == UInt8 {
  /// Takes as long wherever the two differ, so that nobody can find out a secret byte by byte.
  package func equalsInConstantTime(_ other: [UInt8]) -> Bool {
    count == other.count && zip(self, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
