import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Requests to rspamd's workers over HTTP, and their answers whole.
struct RspamdClient: Sendable {
  struct Answer {
    let status: UInt
    let body: [UInt8]
  }

  private let client: HTTPClient

  init() {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = .seconds(5)
    // The mail is tried again anyway, and whoever counts failures is to hear of this one.
    configuration.connectionPool.retryConnectionEstablishment = false
    // Many mails at once are bounded by who asks.
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  func shutdown() async { try? await client.shutdown() }

  /// - Throws: `FilterError`, `CancellationError`.
  func post(
    _ path: String, to endpoint: RspamdOptions.Endpoint, headers: HTTPHeaders, body: [UInt8]
  ) async throws -> Answer {
    var request = HTTPClientRequest(url: try Self.url(endpoint, path))
    request.method = .POST
    request.headers = headers
    request.body = .bytes(body)
    do {
      // Whoever asks cancels what takes too long.
      let response = try await client.execute(request, deadline: .distantFuture)
      let answer = try await response.body.collect(upTo: RspamdAnswer.maxByteCount)
      return Answer(status: response.status.code, body: Array(answer.readableBytesView))
    } catch is NIOTooManyBytesError {
      throw FilterError(.protocolError, "an answer of more than \(RspamdAnswer.maxByteCount) bytes")
    } catch let error as CancellationError {
      throw error
    } catch {
      if Task.isCancelled { throw CancellationError() }
      throw Self.filterError(error)
    }
  }

  private static func url(_ endpoint: RspamdOptions.Endpoint, _ path: String) throws(FilterError) -> String {
    switch endpoint {
    case .url(let base): return (base.hasSuffix("/") ? String(base.dropLast()) : base) + path
    case .unix(let socket):
      guard let url = URL(httpURLWithSocketPath: socket, uri: path) else {
        throw FilterError(.unreachable, "\(socket): not usable as a socket")
      }
      return url.absoluteString
    }
  }

  /// HTTP that is none is a protocol error; all else is about the connection.
  private static func filterError(_ error: any Error) -> FilterError {
    let text = SafeText.line("\(error)", limit: SafeText.reasonByteCount)
    switch error {
    case let error as HTTPParserError where error != .invalidEOFState: return FilterError(.protocolError, text)
    case let error as HTTPClientError
    where error == .connectTimeout || error == .readTimeout || error == .deadlineExceeded:
      return FilterError(.timeout, text)
    case let error as HTTPClientError where error == .invalidURL || error == .emptyHost || error == .emptyScheme:
      return FilterError(.protocolError, text)
    default: return FilterError(.unreachable, text)
    }
  }
}
