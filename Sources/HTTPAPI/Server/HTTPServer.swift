import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import Logging
package import MailStore
import NIOCore

/// Puts the service together: routes, gate, router, listener.
package enum HTTPServer {
  /// Makes the service that listens, answers, and on graceful shutdown lets running requests end.
  ///
  /// - Parameters:
  ///   - queues: what operators see of the queues; nil where there are none.
  ///   - extraRoutes: served beside the API and not part of its description.
  ///   - onBound: called once when the server listens, with the address that it really has.
  /// - Throws: `HTTPConfigurationError` when the configuration would give mail to strangers.
  package static func makeApplication(
    service: any MailService, queues: (any QueueService)? = nil, accounts: AccountStore,
    configuration: HTTPConfiguration, extraRoutes: [HTTPRoute] = [], logger: Logger,
    onBound: @escaping @Sendable (HTTPConfiguration.Address) async -> Void = { _ in }
  ) throws -> some ApplicationProtocol {
    try configuration.validate()
    let routes = RouteTable(
      apiRoutes(service: service, queues: queues, configuration: configuration).routes + extraRoutes)
    let gate = Gate(accounts: accounts, configuration: configuration)
    let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: ProblemMiddleware(routes: routes))
    for route in routes.routes {
      router.on(RouterPath(route.path), method: route.method) { request, context in
        try await gate.admit(request, context, to: route)
      }
    }
    return Application(
      router: router,
      server: HTTPServerBuilder { responder in
        APIChannel(
          base: HTTP1Channel(responder: responder, configuration: channelConfiguration(configuration)),
          patience: TimeAmount(configuration.idleTimeout))
      },
      configuration: ApplicationConfiguration(
        address: configuration.address.bindAddress,
        availableConnectionsDelegate: MaximumAvailableConnections(configuration.maxConnections)),
      onServerRunning: { channel in await onBound(boundAddress(channel, configuration)) },
      logger: logger)
  }

  /// The routes of the API, as the description has them.
  package static func apiRoutes(
    service: any MailService, queues: (any QueueService)? = nil, configuration: HTTPConfiguration
  ) -> RouteTable {
    let maxBodySize = configuration.maxBodySize
    let budget = AnswerBudget(byteCount: configuration.maxMailInFlight)
    return RouteTable(
      FolderRoutes(service: service, maxBodySize: maxBodySize).routes
        + MessageRoutes(service: service, maxBodySize: maxBodySize, budget: budget).routes
        + OriginalRoutes(service: service, budget: budget).routes
        + ThreadRoutes(service: service).routes
        + SearchRoutes(service: service, maxBodySize: maxBodySize, deadline: configuration.searchDeadline).routes
        + SavedSearchRoutes(service: service, maxBodySize: maxBodySize).routes
        + SpamRoutes(service: service, maxBodySize: maxBodySize).routes
        + EventRoutes(service: service).routes
        + (queues.map { QueueRoutes(service: $0, budget: budget).routes } ?? [])
        + StatusRoutes(service: service).routes)
  }

  private static func channelConfiguration(_ configuration: HTTPConfiguration) -> HTTP1Channel.Configuration {
    // A query of 8,192 bytes is three times as long in percent encoding, and the address counts as a field.
    HTTP1Channel.Configuration(
      additionalChannelHandlers: [ParserRefusal()], idleTimeout: TimeAmount(configuration.idleTimeout),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: 32 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 200))
  }

  private static func boundAddress(
    _ channel: any Channel, _ configuration: HTTPConfiguration
  ) -> HTTPConfiguration.Address {
    guard case .tcp(let host, let port) = configuration.address else { return configuration.address }
    return .tcp(host: channel.localAddress?.ipAddress ?? host, port: channel.localAddress?.port ?? port)
  }
}

extension HTTPConfiguration.Address {
  fileprivate var bindAddress: BindAddress {
    switch self {
    case .tcp(let host, let port): .hostname(host, port: port)
    case .unixSocket(let path): .unixDomainSocket(path: path)
    }
  }
}
