import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(60))) struct ConfigurationErrorTests {
  @Test(arguments: [
    ("smtp:\n  max_conections: 5\n", "unknown key 'smtp.max_conections'; did you mean 'smtp.max_connections'?"),
    ("http:\n  auth: maybe\n", "http.auth: expected none, token, found 'maybe'"),
    ("http: [a, b]\n", "'http' takes one value"), ("{ bad", "not YAML"),
    (
      "http:\n  listen: 0.0.0.0:0\n  auth: none\n",
      "http.auth: none is refused unless http.listen is a loopback address"
    ),
  ])
  func `a mistake in the file ends every command with the key and what would do`(
    yaml: String, expected: String
  ) async throws {
    try await withTemporaryDirectory { directory in
      let file = directory + "/maildex.yaml"
      try write(Array(yaml.utf8), to: file)
      for command in [["serve"], ["verify"]] {
        let line = try await fail(command + ["--data", directory + "/data", "--config", file])
        #expect(line.hasPrefix("Error: configuration: ") && line.contains(expected), "\(line)")
      }
      #expect(!FileManager.default.fileExists(atPath: directory + "/data"), "a refused start made a data directory")
    }
  }

  @Test func `a certificate that is not there ends the start, and its files are named`() async throws {
    try await withMailbox { data in
      let line = try await fail(
        ["serve", "--data", data, "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0"],
        environment: [
          "MAILDEX_LOG_LEVEL": "critical", "MAILDEX_SMTP_TLS_CERTIFICATE": data + "/certificate.pem",
          "MAILDEX_SMTP_TLS_KEY": data + "/key.pem",
        ])
      #expect(
        line.hasPrefix("Error: smtp.tls: no TLS with the certificate \(data)/certificate.pem and the key"), "\(line)")
    }
  }

  @Test func `a file that is not there is named`() async throws {
    try await withTemporaryDirectory { directory in
      let line = try await fail(["stats", "--config", directory + "/nowhere.yaml"])
      #expect(line.contains(directory + "/nowhere.yaml: no such file"))
    }
  }

  @Test func `an unknown variable is one warning with the nearest name, and the command goes on`() async throws {
    try await withTemporaryDirectory { directory in
      let result = try await MaildexProcess.run(
        ["user", "list"], environment: ["MAILDEX_DATA": directory + "/data", "MAILDEX_SMTP_LISTN": "x"])
      #expect(result.status == 0)
      #expect(
        result.errorLines == [
          "warning: unknown environment variable MAILDEX_SMTP_LISTN; did you mean MAILDEX_SMTP_LISTEN?"
        ])
    }
  }
}
