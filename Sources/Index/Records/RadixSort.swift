/// Sorts numbers that are spread evenly, such as hashes, byte by byte from the least significant on: a few nanoseconds for each,
/// where comparing takes as many times the logarithm of their number (Knuth, TAOCP 3, 5.2.5).
enum RadixSort {
  /// Of fewer numbers the counting costs more than it saves.
  private static let least = 64

  /// Ascending.
  static func sort(_ numbers: inout [UInt32]) {
    guard numbers.count >= least else { return numbers.sort() }
    var scratch = [UInt32](repeating: 0, count: numbers.count)
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      pass(from: numbers.span, by: shift, to: &scratch)
      swap(&numbers, &scratch)
    }
  }

  private static func pass(from numbers: Span<UInt32>, by shift: UInt32, to sorted: inout [UInt32]) {
    var sorted = sorted.mutableSpan
    var places = InlineArray<256, Int>(repeating: 0)
    for index in numbers.indices { places[Int(numbers[index] &>> shift & 0xFF)] &+= 1 }
    var sum = 0
    for digit in 0..<256 { (places[digit], sum) = (sum, sum &+ places[digit]) }
    for index in numbers.indices {
      let digit = Int(numbers[index] &>> shift & 0xFF)
      sorted[places[digit]] = numbers[index]
      places[digit] &+= 1
    }
  }

  /// Ascending by so many bits from the bit `first` on; those that agree there stay in their order.
  static func sort(_ numbers: inout [UInt64], by bits: Int, from first: Int) {
    var scratch = [UInt64](repeating: 0, count: numbers.count)
    for shift in stride(from: first, to: first + bits, by: 8) {
      pass(from: numbers.span, by: UInt64(shift), to: &scratch)
      swap(&numbers, &scratch)
    }
  }

  private static func pass(from numbers: Span<UInt64>, by shift: UInt64, to sorted: inout [UInt64]) {
    var sorted = sorted.mutableSpan
    var places = InlineArray<256, Int>(repeating: 0)
    for index in numbers.indices { places[Int(numbers[index] &>> shift & 0xFF)] &+= 1 }
    var sum = 0
    for digit in 0..<256 { (places[digit], sum) = (sum, sum &+ places[digit]) }
    for index in numbers.indices {
      let digit = Int(numbers[index] &>> shift & 0xFF)
      sorted[places[digit]] = numbers[index]
      places[digit] &+= 1
    }
  }
}
