/// How clamd is asked, and what becomes of what it finds.
package struct ClamdOptions: Hashable, Sendable {
  package enum Endpoint: Hashable, Sendable {
    case unix(path: String)
    case tcp(host: String, port: Int)
  }

  package var endpoint = Endpoint.unix(path: "/run/clamav/clamd.ctl")
  /// What becomes of a mail with a signature.
  package var found = FilterAction.quarantine
  /// Larger mails are not sent: not more than clamd's `StreamMaxLength`.
  package var maxByteCount = 25 << 20
  /// What becomes of a mail that is larger than this, or than clamd takes.
  package var tooLarge = FilterAction.deliver

  package init() {}
}
