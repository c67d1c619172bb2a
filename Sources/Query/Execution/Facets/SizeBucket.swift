/// Ranges of a mail's size in bytes: more than the first number and no more than the second. `larger:` takes the same numbers.
package enum SizeBucket: String, Sendable, CaseIterable {
  case upTo10K = "0-10K"
  case upTo100K = "10K-100K"
  case upTo1M = "100K-1M"
  case upTo10M = "1M-10M"
  case beyond = "10M-"

  init(_ byteCount: UInt64) {
    switch byteCount {
    case ...10_240: self = .upTo10K
    case ...102_400: self = .upTo100K
    case ...1_048_576: self = .upTo1M
    case ...10_485_760: self = .upTo10M
    default: self = .beyond
    }
  }
}
