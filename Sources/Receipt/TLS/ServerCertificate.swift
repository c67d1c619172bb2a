import Bytes
import NIOSSL

/// A certificate and its key as they were read from PEM files, usable for handshakes.
struct ServerCertificate: Sendable {
  struct PEM: Equatable {
    let certificateChain: [UInt8]
    let privateKey: [UInt8]

    init(reading files: TLSCertificate.Pair, _ fileSystem: any FileSystem) throws(FileError) {
      certificateChain = try fileSystem.readFile(files.certificateChain)
      privateKey = try fileSystem.readFile(files.privateKey)
    }
  }

  let names: CertificateNames
  private let chain: [NIOSSLCertificateSource]
  private let key: NIOSSLPrivateKeySource

  /// - Throws: for what is no certificate or key, and for two that do not belong together.
  init(_ pem: PEM) throws {
    let certificates = try NIOSSLCertificate.fromPEMBytes(pem.certificateChain)
    names = certificates.first.map { CertificateNames(of: $0) } ?? CertificateNames([])
    chain = certificates.map { .certificate($0) }
    key = .privateKey(try NIOSSLPrivateKey(bytes: pem.privateKey, format: .pem))
    _ = try NIOSSLContext(configuration: configuration)
  }

  /// With this one for everybody.
  var configuration: TLSConfiguration { .makeServerConfiguration(certificateChain: chain, privateKey: key) }

  /// In the place of the one for everybody.
  var override: NIOSSLContextConfigurationOverride {
    var override = NIOSSLContextConfigurationOverride()
    override.certificateChain = chain
    override.privateKey = key
    return override
  }
}
