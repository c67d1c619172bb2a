/// Sorts numbers that are spread evenly, such as hashes, byte by byte from the least significant on: a few nanoseconds for each,
/// where comparing takes as many times the logarithm of their number (Knuth, TAOCP 3, 5.2.5).
enum RadixSort {
  /// Of fewer numbers the counting costs more than it saves.
  private static let least = 64

  /// Ascending by so many bits from the bit `first` on. What lies below them is to ascend already where they agree.
  static func sort<Number: FixedWidthInteger & UnsignedInteger>(
    _ numbers: inout [Number], by bits: Int, from first: Int = 0
  ) {
    guard numbers.count >= least else { return numbers.sort() }
    var scratch = [Number](repeating: 0, count: numbers.count)
    for shift in stride(from: first, to: first + bits, by: 8) {
      pass(from: numbers.span, by: Number(shift), to: &scratch)
      swap(&numbers, &scratch)
    }
  }

  private static func pass<Number: FixedWidthInteger & UnsignedInteger>(
    from numbers: Span<Number>, by shift: Number, to sorted: inout [Number]
  ) {
    var sorted = sorted.mutableSpan
    var places = InlineArray<256, Int>(repeating: 0)
    for index in numbers.indices { places[Int(truncatingIfNeeded: numbers[index] &>> shift & 0xFF)] &+= 1 }
    var sum = 0
    for digit in 0..<256 { (places[digit], sum) = (sum, sum &+ places[digit]) }
    for index in numbers.indices {
      let digit = Int(truncatingIfNeeded: numbers[index] &>> shift & 0xFF)
      sorted[places[digit]] = numbers[index]
      places[digit] &+= 1
    }
  }
}
