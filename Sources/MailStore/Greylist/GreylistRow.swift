package import Bytes
import Crypto

/// Whom greylisting knows, as a hash: 128 bits of SHA-256 over the parts, each before a zero byte, which none of them holds.
/// Who reads the file learns no addresses, but may find out whether one that he guesses is there.
package struct GreylistKey: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  package init(of parts: [String]) {
    var hash = SHA256()
    for part in parts { hash.update(data: Array(part.utf8) + [0]) }
    let bytes = Array(hash.finalize())
    func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
    self.init(high: number(0..<8), low: number(8..<16))
  }
}

/// A line of what greylisting remembers.
package struct GreylistRow: Hashable, Sendable {
  package enum Kind: Int, CaseIterable, Sendable {
    /// Network, sender and recipient, told to come back.
    case waiting = 1
    /// The same, which came back.
    case passed = 2
    /// A network from which others have come back.
    case network = 3
  }

  package struct Name: Hashable, Sendable {
    package let kind: Kind
    package let key: GreylistKey

    package init(_ kind: Kind, _ key: GreylistKey) {
      self.kind = kind
      self.key = key
    }
  }

  package let name: Name
  package var firstSeen: Timestamp
  package var lastSeen: Timestamp
  /// Of a network: how many of its mails came back.
  package var passes: Int

  package init(_ name: Name, firstSeen: Timestamp, lastSeen: Timestamp, passes: Int = 0) {
    self.name = name
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    self.passes = passes
  }
}
