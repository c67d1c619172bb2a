import Logging
import NIOCore
import SMTP

/// The way of a connection to its session: at once, or from a proxy when that has said whose it is.
extension SMTPConnectionHandler.Shared {
  /// The connection takes its place.
  func accept(_ channel: any Channel) throws {
    let peer = ClientAddress(of: channel.remoteAddress)
    let isProxied = isProxy(peer)
    let admission =
      isProxied
      ? connections.admit(channel, from: nil)
      : turnsAway(peer) ?? connections.admit(channel, from: peer, isLast: isLast(peer))
    if isProxied, admission != .turnedAway {
      try channel.pipeline.syncOperations.addHandler(ProxyHeaderHandler(shared: self, proxy: peer, admission))
    } else {
      try addHandlers(to: channel, of: peer, admission)
    }
  }

  private func isProxy(_ peer: ClientAddress) -> Bool {
    guard let ip = peer.ip else { return false }
    return configuration.proxies.contains { $0.contains(ip) }
  }

  /// `nil` for a client whose connection may come, if there is room.
  private func turnsAway(_ client: ClientAddress) -> ConnectionTable.Admission? {
    greeting(of: client).map(connections.refuse)
  }

  /// What refuses a connection for who it is of; `nil` for one that may come.
  private func greeting(of client: ClientAddress) -> SMTPReply? {
    let networks = policy.value.networks
    if networks.blocks(client) { return .unwelcome }
    if isLast(client) { return nil }
    return gate.refusesConnection(at: receiver.pressure) ? .tooManyMailsWaiting : nil
  }

  /// Whether it is served for as long as there is room for a mail, and as patiently as ever, when others are sent away already.
  func isLast(_ client: ClientAddress) -> Bool {
    session.isSubmission || session.dialect == .lmtp || policy.value.networks.trusts(client)
  }

  /// Whose a connection from a proxy is is known now. It loses its place where the client's share is taken, or is not to come.
  func identify(_ channel: any Channel, as client: ClientAddress) -> ConnectionTable.Admission {
    guard let greeting = greeting(of: client) else {
      return connections.identify(channel, as: client, isLast: isLast(client))
    }
    connections.remove(channel)
    return connections.refuse(greeting)
  }

  func addHandlers(to channel: any Channel, of client: ClientAddress, _ admission: ConnectionTable.Admission) throws {
    let pipeline = channel.pipeline.syncOperations
    if session.tls == .implicit, admission != .turnedAway, let certificate {
      try pipeline.addHandler(certificate.makeHandler())
    }
    switch admission {
    case .admitted: try pipeline.addHandler(SMTPConnectionHandler(shared: self, client: client))
    case .refused(let reply):
      noteRefusal(reply, of: client.text)
      try pipeline.addHandler(RefusingHandler(reply, connections))
    case .turnedAway:
      let reason: RefusalReason = policy.value.networks.blocks(client) ? .blockedNetwork : .connections
      refusals.note(reason)
      logger.debug("turned away", metadata: ["client": "\(client.text)", "reason": "\(reason.rawValue)"])
      try pipeline.addHandler(ClosingHandler())
    }
  }
}
