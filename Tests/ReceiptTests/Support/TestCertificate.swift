import Bytes
import Logging
import Receipt
import TestSupport

/// A certificate of its own for `mx.example.com` or another name, in files that a test may replace.
struct TestCertificate: Sendable {
  let files: TLSCertificate.Pair
  private let minimumVersion: TLSCertificate.Version
  private let name: String

  /// Made in a directory that exists.
  init(
    in directory: String, for name: String = "mx.example.com", minimumVersion: TLSCertificate.Version = .tls12
  ) throws {
    files = TLSCertificate.Pair(
      certificateChain: directory + "/\(name).certificate.pem", privateKey: directory + "/\(name).key.pem")
    self.minimumVersion = minimumVersion
    self.name = name
    try make()
  }

  /// - Parameter others: for other names.
  func load(with others: [TestCertificate] = [], logger: Logger = .forTests) throws -> TLSCertificate {
    try TLSCertificate(
      .init([files] + others.map(\.files), minimumVersion: minimumVersion), fileSystem: PosixFileSystem(),
      logger: logger)
  }

  /// Another certificate with another key takes the place of this one.
  func replace() throws { try make() }

  private func make() throws {
    try SelfSignedCertificate.make(certificate: files.certificateChain, key: files.privateKey, name: name)
  }
}

/// Runs `body` with a new certificate, whose files are removed afterwards.
func withCertificate(
  minimumVersion: TLSCertificate.Version = .tls12, _ body: (TestCertificate) async throws -> Void
) async throws {
  try await withTemporaryDirectory { directory in
    try await body(TestCertificate(in: directory, minimumVersion: minimumVersion))
  }
}
