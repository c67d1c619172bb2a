/// Whether mail of senders that are new here is put off once, to see whether they try again (RFC 6647).
package struct GreylistPolicy: Equatable, Sendable {
  package var isEnabled: Bool
  /// How long a sender must wait before its mail is taken.
  package var delay: Duration
  /// How long after the first attempt it may come back; later it is new again.
  package var retryWindow: Duration
  /// How long after its last mail who came back is known.
  package var memory: Duration
  /// Mails that came back after which all of their network are taken at once; nil for never.
  package var passesUntilKnown: Int?
  /// Servers of one sender take turns, and stand in one network of this size.
  package var ipv4PrefixLength: Int
  package var ipv6PrefixLength: Int

  package init(
    isEnabled: Bool = false, delay: Duration = .seconds(60), retryWindow: Duration = .seconds(86_400),
    memory: Duration = .seconds(36 * 86_400), passesUntilKnown: Int? = 5, ipv4PrefixLength: Int = 24,
    ipv6PrefixLength: Int = 64
  ) {
    self.isEnabled = isEnabled
    self.delay = delay
    self.retryWindow = retryWindow
    self.memory = memory
    self.passesUntilKnown = passesUntilKnown
    self.ipv4PrefixLength = ipv4PrefixLength
    self.ipv6PrefixLength = ipv6PrefixLength
  }
}
