package import Bytes
package import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// The server's certificates and keys, read from PEM files, and read again when these change.
///
///     let certificate = try TLSCertificate(files, fileSystem: …, logger: …)
///     try await certificate.run()       // as a service in a ServiceGroup: looks for changes
///
/// The client says by which name it came (SNI, RFC 6066 §3), and is shown the certificate for it, or the first. Connections keep
/// what they began with; new handshakes use what was read last. New files that cannot be used, as when one of the two is written
/// a moment before the other, are logged once and change nothing, of that certificate or any other.
package final class TLSCertificate: Service {
  package struct Files: Equatable, Sendable {
    /// The one for clients that ask for no name or an unknown one; then those for other names.
    package var pairs: [Pair]
    package var minimumVersion: Version

    package init(_ pairs: [Pair], minimumVersion: Version = .tls12) {
      precondition(!pairs.isEmpty, "there is no TLS without a certificate")
      self.pairs = pairs
      self.minimumVersion = minimumVersion
    }
  }

  /// Where a certificate and its key lie.
  package struct Pair: Hashable, Sendable {
    /// The server's certificate first, then those that lead to a root (RFC 8446 §4.4.2).
    package var certificateChain: String
    package var privateKey: String

    package init(certificateChain: String, privateKey: String) {
      self.certificateChain = certificateChain
      self.privateKey = privateKey
    }
  }

  /// What is older is forbidden (RFC 8996).
  package enum Version: Sendable {
    case tls12, tls13
  }

  private struct Loaded {
    var certificate: ServerCertificate
    /// As it was read last, usable or not; `nil` if it could not be read.
    var seen: ServerCertificate.PEM?
  }

  private struct State {
    var context: NIOSSLContext
    /// As many as there are pairs.
    var loaded: [Loaded]
  }

  private static let checkInterval = Duration.seconds(10)

  private let files: Files
  private let fileSystem: any FileSystem
  private let logger: Logger
  private let state: Locked<State>

  /// Blocks.
  /// - Throws: `ReceiptError` with `.badCertificate`, naming the files.
  package init(_ files: Files, fileSystem: any FileSystem, logger: Logger) throws {
    self.files = files
    self.fileSystem = fileSystem
    self.logger = logger
    let loaded = try files.pairs.map { try Self.load($0, fileSystem) }
    do {
      let context = try Self.makeContext(loaded.map(\.certificate), files.minimumVersion)
      state = Locked(State(context: context, loaded: loaded))
    } catch {
      throw Self.unusable(files.pairs[0], error)
    }
  }

  private static func load(_ pair: Pair, _ fileSystem: any FileSystem) throws -> Loaded {
    do {
      let pem = try ServerCertificate.PEM(reading: pair, fileSystem)
      return Loaded(certificate: try ServerCertificate(pem), seen: pem)
    } catch {
      throw unusable(pair, error)
    }
  }

  private static func unusable(_ pair: Pair, _ error: any Error) -> ReceiptError {
    ReceiptError(
      .badCertificate,
      "no TLS with the certificate \(pair.certificateChain) and the key \(pair.privateKey): \(error)", cause: error)
  }

  /// Begins a handshake with the certificates that were read last.
  func makeHandler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: state.withLock { $0.context }) }

  /// Looks for changed files until a graceful shutdown.
  package func run() async {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: Self.checkInterval)) != nil {
        try? await NIOThreadPool.singleton.runIfActive { self.reloadIfChanged() }
      }
    }
  }

  /// Blocks.
  package func reloadIfChanged() {
    for index in files.pairs.indices { reloadIfChanged(index) }
  }

  private func reloadIfChanged(_ index: Int) {
    let pair = files.pairs[index]
    do {
      let pem = try ServerCertificate.PEM(reading: pair, fileSystem)
      guard state.withLock({ $0.loaded[index].seen != pem }) else { return }
      state.withLock { $0.loaded[index].seen = pem }
      var certificates = state.withLock { $0.loaded.map(\.certificate) }
      certificates[index] = try ServerCertificate(pem)
      let context = try Self.makeContext(certificates, files.minimumVersion)
      state.withLock { state in
        state.loaded[index].certificate = certificates[index]
        state.context = context
      }
      logger.notice("certificate read again", metadata: ["file": "\(pair.certificateChain)"])
    } catch let error as FileError {
      let isNews = state.withLock { state in
        defer { state.loaded[index].seen = nil }
        return state.loaded[index].seen != nil
      }
      if isNews { keepsOld(pair, error) }
    } catch {
      keepsOld(pair, error)
    }
  }

  private func keepsOld(_ pair: Pair, _ error: any Error) {
    logger.error(
      "changed certificate not used, the old one stays",
      metadata: ["file": "\(pair.certificateChain)", "key": "\(pair.privateKey)", "error": "\(error)"])
  }

  // MARK: - Handshakes

  private static func makeContext(_ certificates: [ServerCertificate], _ version: Version) throws -> NIOSSLContext {
    var configuration = certificates[0].configuration
    configuration.minimumTLSVersion =
      switch version {
      case .tls12: .tlsv12
      case .tls13: .tlsv13
      }
    // The client has had its time to close its side before we close the connection (`closeAfterLastReply`).
    configuration.shutdownTimeout = .zero
    if certificates.count > 1 {
      configuration.sslContextCallback = { client, promise in
        promise.succeed(choice(of: client.serverHostname, among: certificates))
      }
    }
    return try NIOSSLContext(configuration: configuration)
  }

  /// Who asks for no name that we have is shown the first certificate, and may decide for itself (RFC 6066 §3).
  private static func choice(
    of name: String?, among certificates: [ServerCertificate]
  ) -> NIOSSLContextConfigurationOverride {
    guard let name else { return .noChanges }
    var chosen: ServerCertificate?
    var bestFit = CertificateNames.Fit.none
    for certificate in certificates {
      let fit = certificate.names.fit(name)
      if fit > bestFit { (chosen, bestFit) = (certificate, fit) }
    }
    return chosen?.override ?? .noChanges
  }
}
