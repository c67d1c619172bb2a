package import Bytes

/// A message's public name: a UUIDv7 (RFC 9562 §5.7), so ids sort by time of storing.
///
/// The last 32 bits are the user's docID, so that (user, id) leads to the row by its primary key and no second index is
/// written. Whoever looks a message up compares the whole id with the row's: an id of another user, or a guessed one,
/// names nothing.
///
///     48 bits ms since 1970 | 4 version | 12 random | 2 variant | 30 random | 32 docID
package struct MessageID: Hashable, Sendable, CustomStringConvertible {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  package var createdAt: Timestamp { Timestamp(rawValue: Int64(high >> 16)) }

  package init(at time: Timestamp, docID: DocID, using random: inout some RandomNumberGenerator) {
    let milliseconds = UInt64(clamping: time.rawValue) & 0xFFFF_FFFF_FFFF
    high = milliseconds << 16 | 0x7000 | random.next() & 0x0FFF
    low = 0x8000_0000_0000_0000 | (random.next() & 0x3FFF_FFFF) << 32 | UInt64(docID.rawValue)
  }

  /// The docID that the id claims; true only if the row's id is equal.
  package var docID: DocID { DocID(rawValue: UInt32(truncatingIfNeeded: low)) }

  /// 16 bytes, big-endian, as UUIDs are stored.
  package var bytes: [UInt8] {
    (0..<16).map { index in
      let half = index < 8 ? high : low
      return UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * (index % 8)))
    }
  }

  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    var halves: (UInt64, UInt64) = (0, 0)
    for (index, byte) in bytes.enumerated() {
      if index < 8 { halves.0 = halves.0 << 8 | UInt64(byte) } else { halves.1 = halves.1 << 8 | UInt64(byte) }
    }
    self.init(high: halves.0, low: halves.1)
  }

  private static let digits = Array("0123456789abcdef".utf8)

  /// Lower case with hyphens, 8-4-4-4-12.
  package var description: String {
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for index in 0..<16 {
      if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
      let half = index < 8 ? high : low
      let byte = Int(truncatingIfNeeded: half >> UInt64(56 - 8 * (index % 8))) & 0xFF
      text.append(Self.digits[byte >> 4])
      text.append(Self.digits[byte & 15])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Accepts exactly the form that `description` gives, in either case.
  package init?(_ text: some StringProtocol) {
    let characters = Array(text.utf8)
    guard characters.count == 36 else { return nil }
    var digits: [UInt8] = []
    for (index, character) in characters.enumerated() {
      if [8, 13, 18, 23].contains(index) {
        if character != UInt8(ascii: "-") { return nil }
      } else {
        guard let digit = Character(UnicodeScalar(character)).hexDigitValue else { return nil }
        digits.append(UInt8(digit))
      }
    }
    self.init(bytes: stride(from: 0, to: 32, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
  }
}

/// A thread's number within its user: the docID of the message that founded it. Its public name is that message's
/// `MessageID`, which the thread keeps when the message goes.
package struct ThreadID: RawRepresentable, Hashable, Sendable, Comparable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }
  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The number of a mail in the inbound queue: rising in order of acceptance, also across restarts.
package struct QueueItemID: RawRepresentable, Hashable, Sendable, Comparable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
