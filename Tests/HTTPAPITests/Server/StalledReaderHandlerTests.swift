import HTTPAPI
import NIOCore
import NIOEmbedded
import Testing

struct StalledReaderHandlerTests {
  private func connect() throws -> EmbeddedChannel {
    let channel = EmbeddedChannel(handler: StalledReaderHandler(patience: .seconds(75)))
    try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
    return channel
  }

  private func turn(_ channel: EmbeddedChannel, writable: Bool) {
    channel.isWritable = writable
    channel.pipeline.fireChannelWritabilityChanged()
  }

  @Test func `a client that takes nothing for too long is cut off`() throws {
    let channel = try connect()
    turn(channel, writable: false)
    channel.embeddedEventLoop.advanceTime(by: .seconds(74))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
  }

  @Test func `one that takes a little now and then is served to the end`() throws {
    let channel = try connect()
    for _ in 0..<10 {
      turn(channel, writable: false)
      channel.embeddedEventLoop.advanceTime(by: .seconds(70))
      turn(channel, writable: true)
    }
    channel.embeddedEventLoop.advanceTime(by: .hours(1))
    #expect(channel.isActive)
    _ = try channel.finish()
  }

  @Test func `a server that is to stop does not wait long for one that takes nothing`() throws {
    let channel = try connect()
    turn(channel, writable: false)
    channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
  }
}
