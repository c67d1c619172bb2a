import Bytes
import NIOCore
import SMTP

/// The open connections: counts them, and reaches them all for a shutdown.
///
/// When nine of ten places are taken it is crowded, until fewer than eight are: then a client has a fifth of its usual share, so that a
/// few that take all they can get leave places for others, and who brings no mail soon has to go (`ReceiptConfiguration.crowdedTimeout`).
final class ConnectionTable: Sendable {
  enum Admission: Equatable {
    /// Until `remove`.
    case admitted
    /// There is no room for it, and it may hear so. Until `refusedHasLeft`.
    case refused(SMTPReply)
    /// There is no room to say so either.
    case turnedAway
  }

  private struct Place {
    let channel: any Channel
    var site: Network?
  }

  private struct State {
    var places: [ObjectIdentifier: Place] = [:]
    var countsBySite: [Network: Int] = [:]
    var refusedCount = 0
    var isCrowded = false
    var isClosing = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let maxConnections: Int
  private let maxConnectionsPerClient: Int
  private let state = Locked(State())

  init(maxConnections: Int, maxConnectionsPerClient: Int) {
    self.maxConnections = maxConnections
    self.maxConnectionsPerClient = maxConnectionsPerClient
  }

  /// - Parameter client: `nil` as long as a proxy has not said who it is. Until `identify` the connection counts among all,
  ///   and among nobody's.
  /// - Parameter isLast: the client keeps its share in a crowd.
  func admit(_ channel: any Channel, from client: ClientAddress?, isLast: Bool = false) -> Admission {
    let (admission, hurried) = state.withLock { state -> (Admission, [any Channel]) in
      guard !state.isClosing, state.places.count < maxConnections else {
        return (refuse(.tooManyConnections, &state), [])
      }
      guard takeShare(of: client?.site, isLast, &state) else {
        return (refuse(.tooManyConnectionsOfClient, &state), [])
      }
      state.places[ObjectIdentifier(channel)] = Place(channel: channel, site: client?.site)
      guard !state.isCrowded, state.places.count >= maxConnections - maxConnections / 10 else { return (.admitted, []) }
      state.isCrowded = true
      return (.admitted, state.places.values.map(\.channel))
    }
    for channel in hurried { channel.pipeline.fireUserInboundEventTriggered(ConnectionEvent.crowded) }
    return admission
  }

  var isCrowded: Bool { state.withLock { $0.isCrowded } }

  /// For another reason than that there is no room.
  func refuse(_ reply: SMTPReply) -> Admission { state.withLock { refuse(reply, &$0) } }

  /// The client of a connection that was admitted is known now. It loses its place if the client has its share.
  func identify(_ channel: any Channel, as client: ClientAddress, isLast: Bool = false) -> Admission {
    state.withLock { state in
      guard takeShare(of: client.site, isLast, &state) else {
        // This is not the last: those are left that have the share.
        state.places[ObjectIdentifier(channel)] = nil
        endCrowdIfOver(&state)
        return refuse(.tooManyConnectionsOfClient, &state)
      }
      state.places[ObjectIdentifier(channel)]?.site = client.site
      return .admitted
    }
  }

  /// False if the site has it all. This machine's share has no end.
  private func takeShare(of site: Network?, _ isLast: Bool, _ state: inout State) -> Bool {
    guard let site else { return true }
    let count = state.countsBySite[site, default: 0]
    let crowdedShare = min(maxConnectionsPerClient, max(2, maxConnectionsPerClient / 5))
    guard count < (state.isCrowded && !isLast ? crowdedShare : maxConnectionsPerClient) else { return false }
    state.countsBySite[site] = count + 1
    return true
  }

  private func endCrowdIfOver(_ state: inout State) {
    if state.places.count < maxConnections - maxConnections / 5 { state.isCrowded = false }
  }

  /// Saying goodbye takes a place of its own for a while, of which there are as many as for connections.
  private func refuse(_ reply: SMTPReply, _ state: inout State) -> Admission {
    guard state.refusedCount < maxConnections else { return .turnedAway }
    state.refusedCount += 1
    return .refused(reply)
  }

  func refusedHasLeft() { state.withLock { $0.refusedCount -= 1 } }

  var count: Int { state.withLock { $0.places.count } }

  /// Admits no more and tells the open ones.
  func close(telling event: ConnectionEvent) {
    let channels = state.withLock { state in
      state.isClosing = true
      return state.places.values.map(\.channel)
    }
    for channel in channels { channel.pipeline.fireUserInboundEventTriggered(event) }
  }

  /// Cuts what is still open.
  func cut() {
    for channel in state.withLock({ $0.places.values.map(\.channel) }) { channel.close(promise: nil) }
  }

  func waitUntilEmpty() async {
    await withCheckedContinuation { continuation in
      let isEmpty = state.withLock { state in
        if !state.places.isEmpty { state.waiting.append(continuation) }
        return state.places.isEmpty
      }
      if isEmpty { continuation.resume() }
    }
  }

  /// The connection is closed and its last job has come back.
  func remove(_ channel: any Channel) {
    let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      if let site = state.places.removeValue(forKey: ObjectIdentifier(channel))?.site {
        let count = state.countsBySite[site, default: 1] - 1
        state.countsBySite[site] = count == 0 ? nil : count
      }
      endCrowdIfOver(&state)
      guard state.places.isEmpty else { return [] }
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}

/// What the listener tells its connections.
enum ConnectionEvent: Sendable {
  case shutdown
  case shutdownDeadline
  /// Their time is shorter from now on.
  case crowded
}
