/// How rspamd is asked, and what becomes of its actions.
package struct RspamdOptions: Hashable, Sendable {
  /// Where its worker listens.
  package enum Endpoint: Hashable, Sendable {
    /// `http://127.0.0.1:11333`, without a path of its own.
    case url(String)
    case unix(path: String)
  }

  package var endpoint = Endpoint.url("http://127.0.0.1:11333")
  /// Of the controller, which learns; nil for the same as `endpoint`.
  package var learningEndpoint: Endpoint?
  /// Sent with every request; nil for none. rspamd wants it of clients that it does not trust.
  package var password: String?
  /// What its `reject` means.
  package var reject = FilterAction.quarantine
  /// What its `greylist` means.
  package var greylist = FilterAction.defer
  /// When a mail comes again that rspamd wants later.
  package var retryAfter = Duration.seconds(300)
  /// Larger mails are not shown to it.
  package var maxByteCount = 50 << 20

  package init() {}
}
