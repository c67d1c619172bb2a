import Bytes
import Logging
import Receipt
import TestSupport

/// A certificate of its own for `mx.example.com`, in files that a test may replace.
struct TestCertificate: Sendable {
  let files: TLSCertificate.Files

  /// Made in a directory that exists.
  init(in directory: String, minimumVersion: TLSCertificate.Version = .tls12) throws {
    files = TLSCertificate.Files(
      certificateChain: directory + "/certificate.pem", privateKey: directory + "/key.pem",
      minimumVersion: minimumVersion)
    try Self.make(files)
  }

  func load(logger: Logger = .forTests) throws -> TLSCertificate {
    try TLSCertificate(files, fileSystem: PosixFileSystem(), logger: logger)
  }

  /// Another certificate with another key takes the place of this one.
  func replace() throws { try Self.make(files) }

  private static func make(_ files: TLSCertificate.Files) throws {
    try SelfSignedCertificate.make(certificate: files.certificateChain, key: files.privateKey)
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
