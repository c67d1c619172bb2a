import Documents
import Foundation
import Ingest
import Mailboxes
import Outbound
import Receipt
import TestSupport
import Testing

@testable import maildex

struct SettingsTests {
  private func settings(
    yaml: String? = nil, overrides: [SettingKey: String] = [:], environment: [String: String] = [:],
    warnings: (String) -> Void = { _ in }
  ) throws -> Settings {
    try withTemporaryDirectory { directory in
      let file = directory + "/maildex.yaml"
      if let yaml { try Data(yaml.utf8).write(to: URL(fileURLWithPath: file)) }
      return try Settings(
        file: yaml == nil ? nil : file, overrides: overrides, environment: environment, warn: warnings)
    }
  }

  @Test func `defaults hold where nothing else is said`() throws {
    let settings = try settings()
    #expect(settings.http.description == "127.0.0.1:8080")
    #expect(settings.smtp.description == "127.0.0.1:2525")
    #expect(settings.isAuthenticated)
    #expect(settings.maxMessageByteCount == 50 << 20)
    #expect(settings.waitForQueue == .milliseconds(250))
  }

  @Test func `what compaction may do and how far it may fall behind is told to the shards`() throws {
    let yaml = "index:\n  compaction_rate: 0\n  slow_backlog: 2000000\n  max_backlog: 3000000\n"
    let options = try settings(yaml: yaml).shardOptions
    #expect(options.compactionRate == 0)
    #expect(options.pressure.byteCount.slowsAt == 2_000_000 && options.pressure.byteCount.stopsAt == 3_000_000)
    let error = #expect(throws: ConfigurationError.self) {
      try self.settings(yaml: "index:\n  slow_backlog: 3000000\n  max_backlog: 2000000\n")
    }
    #expect(error?.description.contains("index.max_backlog") == true)
  }

  @Test func `how documents are read is told to their readers, or that they are not`() throws {
    let yaml = "extraction:\n  workers: 3\n  timeout: 5\n  memory: 100000000\n  max_text: 5000\n  cache_size: 0\n"
    let options = try #require(try settings(yaml: yaml).extraction)
    #expect(options.workers == 3 && options.timeout == .seconds(5) && options.memoryByteCount == 100_000_000)
    #expect(options.textByteCount == 5_000 && options.cacheByteCount == 0)
    #expect(try settings(environment: ["MAILDEX_EXTRACTION_ENABLED": "false"]).extraction == nil)
  }

  @Test func `the command line wins over the environment and the environment over the file`() throws {
    let yaml = "smtp:\n  max_recipients: 5\n  max_connections: 6\n  hostname: file.example.com\n"
    let environment = ["MAILDEX_SMTP_MAX_CONNECTIONS": "7", "MAILDEX_SMTP_HOSTNAME": "env.example.com"]
    let settings = try settings(
      yaml: yaml, overrides: [.smtpHostname: "line.example.com"], environment: environment)
    #expect(settings.maxRecipients == 5)
    #expect(settings.maxConnections == 7)
    #expect(settings.hostname == "line.example.com")
  }

  @Test func `an unknown key in the file is an error that names the nearest one`() {
    let error = #expect(throws: ConfigurationError.self) { try self.settings(yaml: "smtp:\n  max_conections: 5\n") }
    #expect(error?.description.contains("did you mean 'smtp.max_connections'?") == true)
  }

  @Test func `an unknown environment variable is one warning that names the nearest one`() throws {
    var warnings: [String] = []
    _ = try settings(environment: ["MAILDEX_HTTP_LISTN": "x"], warnings: { warnings.append($0) })
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("MAILDEX_HTTP_LISTEN") == true)
  }

  @Test func `the policy has no environment variables, and one that looks so is told of`() throws {
    var warnings: [String] = []
    _ = try settings(environment: ["MAILDEX_POLICY_HELO": "x"], warnings: { warnings.append($0) })
    #expect(
      warnings == [
        "MAILDEX_POLICY_HELO means nothing: policy stands in the configuration file alone, to be read again from there"
      ])
  }

  @Test(arguments: [
    ("http:\n  listen: nowhere\n", "http.listen"), ("smtp:\n  max_recipients: many\n", "smtp.max_recipients"),
    ("http:\n  auth: maybe\n", "http.auth"), ("log:\n  level: loud\n", "log.level"),
    ("search:\n  time_zone: Mars/Olympus\n", "search.time_zone"),
    ("search:\n  stemming: english, klingon\n", "search.stemming"), ("smtp: [1, 2]\n", "smtp"), ("{ bad", "not YAML"),
    ("smtp:\n  hostname: a\n  hostname: b\n", "line 2: the key 'hostname' stands there twice"),
    ("smtp: &a { hostname: *b }\n", "not YAML"),
    ("extraction:\n  timeout: 0\n", "extraction.timeout"), ("extraction:\n  enabled: maybe\n", "extraction.enabled"),
    ("smtp:\n  hostname: \"mx (x); y\"\n", "smtp.hostname"), ("smtp:\n  postmaster: dan\n", "smtp.postmaster"),
    ("smtp:\n  tls:\n    key: key.pem\n", "smtp.tls.certificate"),
    ("smtp:\n  tls:\n    certificate: certificate.pem\n", "smtp.tls.key"),
    ("smtp:\n  tls:\n    minimum_version: 1.1\n", "smtp.tls.minimum_version"),
    ("smtp:\n  tls:\n    minimum_version: 1.3\n", "smtp.tls.minimum_version: needs smtp.tls.certificate"),
    ("smtp:\n  tls:\n    listen: 127.0.0.1:465\n", "smtp.tls.listen"),
    ("smtp:\n  tls:\n    certificate: a.pem, b.pem\n    key: k.pem\n", "smtp.tls.key: expected as many keys"),
    ("smtp:\n  submission: 127.0.0.1:587\n", "smtp.submission: needs smtp.tls.certificate"),
    ("smtp:\n  submissions: 127.0.0.1:465\n", "smtp.submissions: needs smtp.tls.certificate"),
    ("lmtp:\n  listen: 127.0.0.1:25\n", "lmtp.listen"),
    ("lmtp:\n  listen: somewhere\n", "lmtp.listen"),
    ("smtp:\n  proxies: 10.0.0.0/8, lb.example.com\n", "smtp.proxies: expected networks such as 192.0.2.0/24"),
    ("smtp:\n  proxies: 10.0.0.0/8 192.0.2.7\n", "found '10.0.0.0/8 192.0.2.7': the prefix length is from 0 to 32"),
    ("smtp:\n  proxies: 2001:db8::/129\n", "found '2001:db8::/129': the prefix length is from 0 to 128"),
    ("smtp:\n  proxies: 192.0.2.7, 10.1.0.0/8\n", "'10.1.0.0/8': the network that it is in is written 10.0.0.0/8"),
    ("dns:\n  servers: 192.0.2.53, ns.example.com\n", "dns.servers: expected addresses such as 192.0.2.53"),
    ("dns:\n  servers: 127.0.0.1:70000\n", "dns.servers: expected addresses such as 192.0.2.53"),
    ("dns:\n  servers: 2001:db8::53\n", "dns.servers: expected addresses such as 192.0.2.53"),
    ("smtp:\n  proxies: [10.0.0.0/8]\n", "'smtp.proxies' takes one value"),
  ])
  func `a wrong value is an error that names the key`(yaml: String, part: String) {
    let error = #expect(throws: ConfigurationError.self) { try self.settings(yaml: yaml) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
  }

  @Test func `a certificate brings TLS, and a door of its own where one is wanted`() throws {
    #expect(try settings().tls == nil)
    #expect(try settings().doors == [Door(.tcp(host: "127.0.0.1", port: 2_525))])
    let yaml =
      "smtp:\n  tls:\n    certificate: c.pem\n    key: k.pem\n    minimum_version: 1.3\n    listen: '[::1]:465'\n"
    let settings = try settings(yaml: yaml)
    #expect(settings.tls == .init([.init(certificateChain: "c.pem", privateKey: "k.pem")], minimumVersion: .tls13))
    #expect(settings.doors.last == Door(.tcp(host: "::1", port: 465), .smtpOverTLS))
  }

  @Test func `certificates for several names stand with commas, each with its key`() throws {
    let yaml = "smtp:\n  tls:\n    certificate: a.pem, b.pem\n    key: a.key , b.key\n"
    #expect(
      try settings(yaml: yaml).tls?.pairs == [
        .init(certificateChain: "a.pem", privateKey: "a.key"), .init(certificateChain: "b.pem", privateKey: "b.key"),
      ])
  }

  @Test func `users submit mail where they are told to`() throws {
    let yaml =
      "smtp:\n  submission: 127.0.0.1:587\n  submissions: 127.0.0.1:465\n  tls: { certificate: c.pem, key: k.pem }\n"
    #expect(
      try settings(yaml: yaml).doors.dropFirst() == [
        Door(.tcp(host: "127.0.0.1", port: 587), .submission),
        Door(.tcp(host: "127.0.0.1", port: 465), .submissionOverTLS),
      ])
  }

  @Test func `LMTP listens on an address or a socket, where it is told to`() throws {
    #expect(try settings().lmtp == nil)
    #expect(try settings(yaml: "lmtp:\n  listen: 127.0.0.1:24\n").lmtp == .tcp(host: "127.0.0.1", port: 24))
    let settings = try settings(environment: ["MAILDEX_LMTP_LISTEN": "/run/maildex/lmtp"])
    #expect(settings.doors.last == Door(.unix(path: "/run/maildex/lmtp"), .lmtp))
  }

  @Test func `proxies are networks of both kinds, or none`() throws {
    #expect(try settings().proxies.isEmpty)
    let yaml = "smtp:\n  proxies: 10.0.0.0/8,192.0.2.7 , ::1, 2001:db8::/32\n"
    let networks = ["10.0.0.0/8", "192.0.2.7/32", "::1/128", "2001:db8::/32"]
    #expect(try settings(yaml: yaml).proxies.map { "\($0)" } == networks)
    let settings = try settings(yaml: yaml, environment: ["MAILDEX_SMTP_PROXIES": "::ffff:192.0.2.0/120"])
    #expect(settings.proxies.map { "\($0)" } == ["192.0.2.0/24"])
  }

  @Test func `how senders are told is told to the reporter, and where there is no relay strangers are not`() throws {
    let yaml =
      "bounces:\n  relay: '[::1]:25'\n  relay_tls: false\n  delay_warning: 0\n  max_returned: 0\n  per_minute: 3\n"
    let settings = try settings(yaml: yaml)
    #expect(settings.relay == RelayAddress(host: "::1", port: 25, wantsTLS: false))
    #expect(settings.reports.delayWarning == nil && settings.reports.returnedByteCount == 0)
    #expect(settings.reports.reportsPerMinute == 3 && settings.reports.reportsSuccess)
    let usual = try self.settings()
    #expect(usual.relay == nil && !usual.reports.reportsSuccess && usual.reports.delayWarning == .seconds(14_400))
    for wrong in ["localhost", "localhost:0", ":25"] {
      #expect(throws: ConfigurationError.self) { try self.settings(overrides: [.bouncesRelay: wrong]) }
    }
  }

  @Test func `a section without keys, and a key without a value, leave the defaults`() throws {
    let settings = try settings(yaml: "smtp:\nhttp:\n  auth: ~\nlog:\n  level: error\n")
    #expect(settings.postmaster == nil && settings.isAuthenticated && "\(settings.logLevel)" == "error")
  }

  @Test func `no authentication is refused beyond loopback`() {
    #expect(throws: ConfigurationError.self) {
      try self.settings(overrides: [.httpAuth: "none", .httpListen: "0.0.0.0:8080"])
    }
  }

  @Test func `the documented example holds every key with its default`() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let values = try ConfigurationFile(reading: root.appendingPathComponent("docs/maildex.example.yaml").path).values
    for key in SettingKey.allCases { #expect(values[key] == key.defaultValue, "\(key.rawValue)") }
  }
}
