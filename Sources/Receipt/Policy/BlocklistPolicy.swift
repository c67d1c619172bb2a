import SMTP

/// Which lists of addresses in DNS are asked about a client (RFC 5782), and what their answers mean.
package struct BlocklistPolicy: Equatable, Sendable {
  package enum Action: String, CaseIterable, Sendable {
    /// 550 5.7.1
    case reject
    /// 451 4.7.1
    case `defer`
    /// The list's weight is added to that of others.
    case score
  }

  package struct List: Hashable, Sendable {
    /// In the form of `AccountAddress.domain`.
    package var zone: String
    package var action: Action
    /// The answers that count; none for all that a list may give.
    package var codes: [Codes]
    /// Below zero for a list of good clients.
    package var weight: Int

    package init(zone: String, action: Action = .reject, codes: [Codes] = [], weight: Int = 1) {
      self.zone = zone
      self.action = action
      self.codes = codes
      self.weight = weight
    }

    /// Whether one of a list's answers says that the client is on it.
    func counts(_ answers: [UInt32]) -> Bool {
      answers.contains { answer in
        Codes.isCode(answer) && (codes.isEmpty || codes.contains { $0.range.contains(answer) })
      }
    }
  }

  /// `127.0.0.2`, or `127.0.0.2-11` for ten of them.
  package struct Codes: Hashable, Sendable {
    let range: ClosedRange<UInt32>

    /// - Returns: `nil` for any other text, and for what no list may answer.
    package init?(_ text: String) {
      let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let first = IPAddress(parts[0])?.ipv4Bits, Self.isCode(first) else { return nil }
      var last = first
      if parts.count == 2 {
        guard parts[1].allSatisfy(\.isNumber), let byte = UInt8(parts[1]) else { return nil }
        last = first & 0xFFFF_FF00 | UInt32(byte)
      }
      guard first <= last else { return nil }
      range = first...last
    }

    /// RFC 5782 §2.1 has all of 127.0.0.0/8; anything else is a name that was sold, or a resolver that puts pages of its own in
    /// the place of what is not there. By 127.255.255.x lists say that they do not answer whoever asks.
    static func isCode(_ answer: UInt32) -> Bool { answer >> 24 == 127 && answer >> 8 != 0x7F_FFFF }
  }

  package var lists: [List]
  /// From the connection on. A list that has not answered by then has not the client.
  package var timeout: Duration
  /// The sum of weights from which on mail is refused.
  package var threshold: Int

  package init(lists: [List] = [], timeout: Duration = .seconds(5), threshold: Int = 3) {
    self.lists = lists
    self.timeout = timeout
    self.threshold = threshold
  }
}
