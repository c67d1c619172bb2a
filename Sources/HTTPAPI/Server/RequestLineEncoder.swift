import NIOCore

/// Percent-encodes what a person typed raw into the address of a connection's first request.
///
/// `curl 'localhost:8080/v1/search?q=한국어'` sends the UTF-8 bytes as they are. RFC 3986 has them encoded and the HTTP
/// parser refuses them; what is meant is plain all the same, and every word of a mail may be such a word. Programs that
/// reuse a connection encode, so that only the first line is looked at and the handler then leaves the pipeline.
final class RequestLineEncoder: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    let lineEnd = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n"))
    let line = buffer.readSlice(length: (lineEnd ?? buffer.writerIndex) - buffer.readerIndex) ?? ByteBuffer()
    context.fireChannelRead(wrapInboundOut(Self.encoded(line, allocator: context.channel.allocator)))
    if buffer.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(buffer)) }
    if lineEnd != nil { context.pipeline.syncOperations.removeHandler(context: context, promise: nil) }
  }

  private static func encoded(_ line: ByteBuffer, allocator: ByteBufferAllocator) -> ByteBuffer {
    guard line.readableBytesView.contains(where: { $0 >= 0x80 }) else { return line }
    var output = allocator.buffer(capacity: line.readableBytes * 3)
    for byte in line.readableBytesView {
      if byte < 0x80 {
        output.writeInteger(byte)
      } else {
        output.writeString("%" + String(byte, radix: 16, uppercase: true))
      }
    }
    return output
  }
}
