package import Bytes
package import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// The server's certificate and key, read from PEM files, and read again when these change.
///
///     let certificate = try TLSCertificate(files, fileSystem: …, logger: …)
///     try await certificate.run()       // as a service in a ServiceGroup: looks for changes
///
/// Connections keep what they began with; new handshakes use what was read last. New files that cannot be used, as when
/// one of the two is written a moment before the other, are logged once and change nothing.
package final class TLSCertificate: Service {
  package struct Files: Equatable, Sendable {
    /// The server's certificate first, then those that lead to a root (RFC 8446 §4.4.2).
    package var certificateChain: String
    package var privateKey: String
    package var minimumVersion: Version

    package init(certificateChain: String, privateKey: String, minimumVersion: Version = .tls12) {
      self.certificateChain = certificateChain
      self.privateKey = privateKey
      self.minimumVersion = minimumVersion
    }
  }

  /// What is older is forbidden (RFC 8996).
  package enum Version: Sendable {
    case tls12, tls13
  }

  private struct PEM: Equatable {
    let certificateChain: [UInt8]
    let privateKey: [UInt8]
  }

  private struct State {
    var context: NIOSSLContext
    /// As it was read last, usable or not; `nil` if it could not be read.
    var seen: PEM?
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
    do {
      let pem = try Self.read(files, fileSystem)
      state = Locked(State(context: try Self.makeContext(pem, files), seen: pem))
    } catch {
      throw ReceiptError(
        .badCertificate,
        "no TLS with the certificate \(files.certificateChain) and the key \(files.privateKey): \(error)", cause: error)
    }
  }

  /// Begins a handshake with the certificate that was read last.
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
    do {
      let pem = try Self.read(files, fileSystem)
      guard state.withLock({ $0.seen != pem }) else { return }
      state.withLock { $0.seen = pem }
      let context = try Self.makeContext(pem, files)
      state.withLock { $0.context = context }
      logger.notice("certificate read again", metadata: ["file": "\(files.certificateChain)"])
    } catch let error as FileError {
      let isNews = state.withLock { state in
        defer { state.seen = nil }
        return state.seen != nil
      }
      if isNews { keepsOld(error) }
    } catch {
      keepsOld(error)
    }
  }

  private func keepsOld(_ error: any Error) {
    logger.error(
      "changed certificate not used, the old one stays",
      metadata: ["file": "\(files.certificateChain)", "key": "\(files.privateKey)", "error": "\(error)"])
  }

  private static func read(_ files: Files, _ fileSystem: any FileSystem) throws(FileError) -> PEM {
    PEM(
      certificateChain: try fileSystem.readFile(files.certificateChain),
      privateKey: try fileSystem.readFile(files.privateKey))
  }

  private static func makeContext(_ pem: PEM, _ files: Files) throws -> NIOSSLContext {
    let chain = try NIOSSLCertificate.fromPEMBytes(pem.certificateChain)
    let key = try NIOSSLPrivateKey(bytes: pem.privateKey, format: .pem)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion =
      switch files.minimumVersion {
      case .tls12: .tlsv12
      case .tls13: .tlsv13
      }
    // The client has had its time to close its side before we close the connection (`closeAfterLastReply`).
    configuration.shutdownTimeout = .zero
    return try NIOSSLContext(configuration: configuration)
  }
}
