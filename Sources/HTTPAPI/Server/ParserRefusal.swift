import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Says in a problem what the HTTP parser did not understand, where Hummingbird answers an empty 400 and closes.
final class ParserRefusal: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private var refused: HTTPParserError?

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let error = error as? HTTPParserError { refused = error }
    context.fireErrorCaught(error)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    // An answer to an earlier request of the connection may still be on its way: only the empty 400 is replaced.
    guard let error = refused, case .head(let head) = unwrapOutboundIn(data), head.status == .badRequest,
      head.headerFields[.contentLength] == "0"
    else { return context.write(data, promise: promise) }
    refused = nil
    let problem = Problem(parserError: error)
    var response = problem.response()
    response.headers[.connection] = "close"
    response.headers[.xContentTypeOptions] = "nosniff"
    context.write(wrapOutboundOut(.head(response.head)), promise: nil)
    context.write(wrapOutboundOut(.body(problem.bytes)), promise: promise)
  }
}

extension Problem {
  /// Of a request that is no HTTP, or more of it than the parser takes.
  init(parserError error: HTTPParserError) {
    self =
      switch error {
      case .headerOverflow:
        Problem(
          .requestHeaderFieldsTooLarge,
          "The address and each header field may be 32 KiB long, all of them together 64 KiB, and 200 fields.")
      default: .badRequest("The request is not HTTP as RFC 9112 has it.")
      }
  }
}
