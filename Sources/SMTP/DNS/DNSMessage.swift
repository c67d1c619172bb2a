/// What an answer of DNS says, as far as lists of addresses need it (RFC 1035 §4.1, RFC 5782).
///
/// The bytes come from anybody. c-ares has checked whose question they answer; names are stepped over and never followed, every
/// length is held against what is there, and what is kept is bounded.
///
///     header (12) │ questions │ answers: A, TXT │ authority: SOA │ …
package struct DNSMessage: Equatable, Sendable {
  /// A records, the first byte of an address highest.
  package private(set) var addresses: [UInt32] = []
  /// The strings of the first TXT record, joined (RFC 5782 §2.1).
  package private(set) var text: [UInt8]?
  /// Seconds for which it may be kept: the least of the answers, or, where there is none, what the zone says of answers that it has
  /// not (RFC 2308 §5). `nil` where nothing is said.
  package private(set) var timeToLive: UInt32?

  package static let maxAddresses = 16
  package static let maxTextByteCount = 512
  /// Of answers and authority together; an honest answer has a few.
  package static let maxRecords = 256

  /// - Returns: `nil` for bytes that are no answer, or end too soon.
  package init?(_ bytes: [UInt8]) {
    var reader = DNSReader(bytes[...])
    guard reader.skip(4), let questions = reader.uint16(), let answers = reader.uint16(),
      let authorities = reader.uint16(), reader.skip(2), answers + authorities <= Self.maxRecords, questions <= 4
    else { return nil }
    for _ in 0..<questions { guard reader.skipName(), reader.skip(4) else { return nil } }
    for number in 0..<(answers + authorities) {
      guard reader.skipName(), let type = reader.uint16(), let `class` = reader.uint16(),
        let timeToLive = reader.uint32(), let length = reader.uint16(), let data = reader.bytes(length)
      else { return nil }
      // RFC 2181 §8: with the highest bit it is zero.
      let seconds = timeToLive >> 31 == 0 ? timeToLive : 0
      guard `class` == 1 else { continue }
      guard number < answers ? take(answer: type, data, seconds) : take(authority: type, data, seconds) else {
        return nil
      }
    }
  }

  private enum RecordType {
    static let a = 1, cname = 5, soa = 6, txt = 16
  }

  /// - Returns: false for a record that is not what its type says.
  private mutating func take(answer type: Int, _ data: ArraySlice<UInt8>, _ seconds: UInt32) -> Bool {
    switch type {
    case RecordType.a:
      guard data.count == 4 else { return false }
      if addresses.count < Self.maxAddresses { addresses.append(data.reduce(0) { $0 << 8 | UInt32($1) }) }
    case RecordType.txt:
      guard let joined = Self.joined(data) else { return false }
      if text == nil { text = joined }
    case RecordType.cname: break
    default: return true
    }
    timeToLive = min(timeToLive ?? .max, seconds)
    return true
  }

  private mutating func take(authority type: Int, _ data: ArraySlice<UInt8>, _ seconds: UInt32) -> Bool {
    guard type == RecordType.soa, addresses.isEmpty, text == nil else { return true }
    var reader = DNSReader(data)
    guard reader.skipName(), reader.skipName(), reader.skip(16), let minimum = reader.uint32(), reader.isAtEnd else {
      return false
    }
    timeToLive = min(timeToLive ?? .max, seconds, minimum >> 31 == 0 ? minimum : 0)
    return true
  }

  /// Strings with their lengths before them (RFC 1035 §3.3.14).
  private static func joined(_ data: ArraySlice<UInt8>) -> [UInt8]? {
    var reader = DNSReader(data)
    var joined: [UInt8] = []
    while let length = reader.uint8() {
      guard let string = reader.bytes(length) else { return nil }
      joined += string.prefix(maxTextByteCount - joined.count)
    }
    return joined
  }
}

/// Steps through a message; `nil` and false past its end.
private struct DNSReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func skip(_ count: Int) -> Bool { bytes(count) != nil }

  mutating func uint8() -> Int? { rest.popFirst().map { Int($0) } }

  mutating func uint16() -> Int? { bytes(2).map { $0.reduce(0) { $0 << 8 | Int($1) } } }

  mutating func uint32() -> UInt32? { bytes(4).map { $0.reduce(0) { $0 << 8 | UInt32($1) } } }

  /// Labels to an empty one, or to a pointer, which ends the name and is not followed (RFC 1035 §4.1.4).
  mutating func skipName() -> Bool {
    while let length = uint8() {
      switch length {
      case 0: return true
      case 1...63: guard skip(length) else { return false }
      case 192...255: return skip(1)
      default: return false
      }
    }
    return false
  }
}
