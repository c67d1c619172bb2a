/// How long the relay may take. RFC 5321 §4.5.3.2 asks for no less than these, but for the first.
package struct RelayTimeouts: Sendable {
  package var connect: Duration
  /// For a reply.
  package var reply: Duration
  /// For the reply to content.
  package var content: Duration

  package init(
    connect: Duration = .seconds(30), reply: Duration = .seconds(300), content: Duration = .seconds(600)
  ) {
    self.connect = connect
    self.reply = reply
    self.content = content
  }
}
