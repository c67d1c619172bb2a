import NIOCore
import NIOEmbedded
import SMTP
import Testing

@testable import Receipt

struct ConnectionTableTests {
  private let table = ConnectionTable(maxConnections: 4, maxConnectionsPerClient: 2)

  @Test func `one client takes only its share of the places, and has it back when a connection goes`() {
    let first = EmbeddedChannel()
    #expect(table.admit(first, from: client("192.0.2.7")) == .admitted)
    #expect(admit("192.0.2.7") == .admitted)
    #expect(admit("192.0.2.7") == .refused(.tooManyConnectionsOfClient))
    #expect(admit("::ffff:192.0.2.7") == .refused(.tooManyConnectionsOfClient))
    #expect(admit("192.0.2.8") == .admitted)
    table.remove(first)
    #expect(table.count == 2)
    #expect(admit("192.0.2.7") == .admitted)
    #expect(admit("192.0.2.7") == .refused(.tooManyConnectionsOfClient))
  }

  @Test(arguments: ["127.0.0.1", "127.1.2.3", "::1"])
  func `this machine may take all places`(address: String) {
    for _ in 0..<4 { #expect(admit(address) == .admitted) }
    #expect(admit(address) == .refused(.tooManyConnections))
  }

  @Test func `there are as many places for goodbyes as for connections`() {
    for _ in 0..<4 { _ = admit("127.0.0.1") }
    for _ in 0..<4 { #expect(admit("127.0.0.1") == .refused(.tooManyConnections)) }
    #expect(admit("127.0.0.1") == .turnedAway)
    #expect(table.refuse(.unwelcome) == .turnedAway)
    table.refusedHasLeft()
    #expect(admit("127.0.0.1") == .refused(.tooManyConnections))
  }

  @Test func `a connection whose client is not known yet has a place among all, and afterwards one of its client's`() {
    let channels = (0..<4).map { _ in EmbeddedChannel() }
    for channel in channels { #expect(table.admit(channel, from: nil) == .admitted) }
    #expect(table.admit(EmbeddedChannel(), from: nil) == .refused(.tooManyConnections))
    #expect(table.identify(channels[0], as: client("192.0.2.7")) == .admitted)
    #expect(table.identify(channels[1], as: client("192.0.2.7")) == .admitted)
    #expect(table.identify(channels[2], as: client("192.0.2.7")) == .refused(.tooManyConnectionsOfClient))
    #expect(table.count == 3, "who is refused has no place any more")
    #expect(table.identify(channels[3], as: client("127.0.0.1")) == .admitted)
    table.remove(channels[0])
    #expect(admit("192.0.2.7") == .admitted)
    #expect(admit("192.0.2.7") == .refused(.tooManyConnectionsOfClient))
    for channel in channels { table.remove(channel) }
    #expect(table.count == 1)
  }

  @Test func `a few clients that take all they may leave places for others, in a crowd`() {
    let table = ConnectionTable(maxConnections: 110, maxConnectionsPerClient: 25)
    func admit(_ address: String) -> ConnectionTable.Admission { table.admit(EmbeddedChannel(), from: client(address)) }
    for attacker in 1...4 { for _ in 0..<25 { _ = admit("192.0.2.\(attacker)") } }
    #expect(table.count == 99 && table.isCrowded)
    for other in 1...2 {
      for _ in 0..<5 { #expect(admit("198.51.100.\(other)") == .admitted) }
      #expect(admit("198.51.100.\(other)") == .refused(.tooManyConnectionsOfClient))
    }
    #expect(admit("198.51.100.3") == .admitted)
    #expect(admit("198.51.100.3") == .refused(.tooManyConnections))
  }

  @Test func `who comes last keeps its share in a crowd`() {
    let table = ConnectionTable(maxConnections: 100, maxConnectionsPerClient: 50)
    for _ in 0..<90 { _ = table.admit(EmbeddedChannel(), from: client("127.0.0.1")) }
    for _ in 0..<10 {
      #expect(table.admit(EmbeddedChannel(), from: client("192.0.2.7"), isLast: true) == .admitted)
    }
  }

  @Test func `a crowd of connections that lose their places when a proxy says whose they are is over then`() {
    let table = ConnectionTable(maxConnections: 10, maxConnectionsPerClient: 5)
    let channels = (0..<10).map { _ in EmbeddedChannel() }
    for channel in channels { #expect(table.admit(channel, from: nil) == .admitted) }
    #expect(table.isCrowded)
    for channel in channels { _ = table.identify(channel, as: client("192.0.2.7")) }
    #expect(!table.isCrowded)
  }

  @Test func `a crowd is over when there is room again, and who is there when it begins hears of it`() throws {
    let table = ConnectionTable(maxConnections: 10, maxConnectionsPerClient: 10)
    let counters = (0..<9).map { _ in CrowdCounter() }
    let channels = counters.map { EmbeddedChannel(handler: $0) }
    for channel in channels { #expect(table.admit(channel, from: client("127.0.0.1")) == .admitted) }
    #expect(table.isCrowded && counters.allSatisfy { $0.count == 1 })
    table.remove(channels[0])
    #expect(table.isCrowded, "places come and go about the bound")
    #expect(table.admit(channels[0], from: client("127.0.0.1")) == .admitted)
    #expect(counters.allSatisfy { $0.count == 1 })
    for channel in channels[..<2] { table.remove(channel) }
    #expect(!table.isCrowded)
    for channel in channels[..<2] { #expect(table.admit(channel, from: client("127.0.0.1")) == .admitted) }
    #expect(table.isCrowded && counters.allSatisfy { $0.count == 2 })
  }

  private func client(_ address: String) -> ClientAddress { ClientAddress(IPAddress(address)) }

  private func admit(_ address: String) -> ConnectionTable.Admission {
    table.admit(EmbeddedChannel(), from: client(address))
  }
}

private final class CrowdCounter: ChannelInboundHandler {
  typealias InboundIn = Never
  var count = 0

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ConnectionEvent.crowded = event { count += 1 }
  }
}
