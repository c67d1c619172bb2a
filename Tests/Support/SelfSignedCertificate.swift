import Foundation

/// A new certificate for a name and its key, made by openssl, in PEM files.
package enum SelfSignedCertificate {
  package struct Failure: Error { package let status: Int32 }

  /// Replaces files that exist.
  /// - Throws: `Failure` with openssl's exit status.
  package static func make(certificate: String, key: String, name: String = "mx.example.com") throws {
    let openssl = Process()
    openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    openssl.arguments = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=test", "-addext", "subjectAltName=DNS:\(name)", "-keyout", key, "-out",
      certificate,
    ]
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
    guard openssl.terminationStatus == 0 else { throw Failure(status: openssl.terminationStatus) }
  }
}
