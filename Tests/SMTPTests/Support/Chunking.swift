import TestSupport
import Testing

/// How a client's bytes are cut on their way.
enum Chunking: CustomTestStringConvertible, Sendable {
  case allAtOnce, everyByte
  case random(seed: UInt64)

  static let all: [Chunking] = [.allAtOnce, .everyByte] + (1...6).map { .random(seed: $0) }

  var testDescription: String {
    switch self {
    case .allAtOnce: "all at once"
    case .everyByte: "byte by byte"
    case .random(let seed): "cut by seed \(seed)"
    }
  }

  func chunks(of bytes: [UInt8]) -> [[UInt8]] {
    switch self {
    case .allAtOnce: return bytes.isEmpty ? [] : [bytes]
    case .everyByte: return bytes.map { [$0] }
    case .random(let seed):
      var random = SeededGenerator(seed: seed)
      var chunks: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let chunk = rest.prefix(Int.random(in: 1...(Bool.random(using: &random) ? 5 : 80), using: &random))
        chunks.append(Array(chunk))
        rest = rest.dropFirst(chunk.count)
      }
      return chunks
    }
  }
}
