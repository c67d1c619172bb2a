import Analysis
import Configuration
import Documents
import Filter
import Foundation
import Ingest
import Logging
import MailStore
import Outbound
import Receipt
import SMTP

/// The settings in force: command line over environment over file over defaults, checked once at start.
struct Settings: Sendable {
  /// The configuration file; nil where there is none.
  var file: String?
  /// What it says, to tell what is other when it is read again.
  var fileValues: [SettingKey: String]
  /// What it says of receipt's policy, which may change while the server runs.
  var policy: ReceiptPolicy
  /// Which filters look at mail.
  var filters: FilterConfiguration
  var data: String
  var http: ListenAddress
  var isAuthenticated: Bool
  var smtp: ListenAddress
  var hostname: String
  var postmaster: String?
  var maxConnections: Int
  var maxConnectionsPerClient: Int
  /// Whose connections begin with a PROXY header.
  var proxies: [Network]
  var idleTimeout: Duration
  var crowdedTimeout: Duration
  var maxMessageByteCount: Int
  var maxRecipients: Int
  var maxHops: Int
  /// Nil where there is no TLS.
  var tls: TLSCertificate.Files?
  /// Where TLS begins with the first byte; nil for nowhere.
  var smtpOverTLS: ListenAddress?
  /// Where users submit mail, after STARTTLS and within TLS; nil for nowhere.
  var submission: ListenAddress?
  var submissions: ListenAddress?
  /// Nil for nowhere.
  var lmtp: Door.Address?
  /// `ADDRESS` or `ADDRESS:PORT`; empty for the machine's own.
  var nameServers: [String]
  /// Of reports to strangers; nil for none.
  var relay: RelayAddress?
  /// How senders are told of their mail.
  var reports: Reporter.Options
  var workers: Int
  var lease: Duration
  var maxQueue: Int
  /// Of tries of a mail, before it is set aside.
  var maxAttempts: Int
  var backoff: RetryBackoff
  var maxEnvelopeByteCount: Int
  /// Nil where documents are not read.
  var extraction: DocumentOptions?
  var compactionRate: Int
  /// Bytes from which on new mail is slowed, and at which it is put off.
  var backlog: ClosedRange<Int>
  var waitForQueue: Duration
  var searchDeadline: Duration
  var timeZone: TimeZone
  var stemming: StemmingLanguages
  /// The languages of each mailbox count too.
  var detectsLanguages: Bool
  /// A directory with definitions of analyzers; `nil` for those that ship.
  var analyzers: String?
  var logLevel: Logger.Level
  var logsAddresses: Bool

  /// - Parameters:
  ///   - overrides: what the command line says.
  ///   - warn: told of environment variables that begin with `MAILDEX_` and mean nothing.
  /// - Throws: `ConfigurationError`, naming the key and what it takes.
  init(
    file: String?, overrides: [SettingKey: String], environment: [String: String], warn: (String) -> Void
  ) throws {
    Self.warnOfUnknownVariables(environment, warn)
    let file = try file.map { try ConfigurationFile(reading: $0) }
    let reader = ConfigReader(providers: [
      InMemoryProvider(name: "command line", values: Self.values(overrides)),
      EnvironmentVariablesProvider(environmentVariables: environment),
      InMemoryProvider(name: file?.path ?? "no file", values: Self.values(file?.values ?? [:])),
    ]).scoped(to: "maildex")
    try self.init(reader: reader, file: file)
  }

  private static func values(_ settings: [SettingKey: String]) -> [AbsoluteConfigKey: ConfigValue] {
    Dictionary(
      uniqueKeysWithValues: settings.map { key, value in
        let components = ["maildex"] + key.rawValue.split(separator: ".").map(String.init)
        return (AbsoluteConfigKey(components), ConfigValue(.string(value), isSecret: false))
      })
  }

  private static func warnOfUnknownVariables(_ environment: [String: String], _ warn: (String) -> Void) {
    let known = SettingKey.allCases.map(\.environmentName) + ["MAILDEX_CONFIG", "MAILDEX_CORPORA"]
    for name in environment.keys.sorted() where name.hasPrefix("MAILDEX_") && !known.contains(name) {
      if name.hasPrefix("MAILDEX_POLICY_") {
        warn("\(name) means nothing: policy stands in the configuration file alone, to be read again from there")
        continue
      }
      if name.hasPrefix("MAILDEX_FILTERS_") {
        warn("\(name) means nothing: filters stand in the configuration file alone")
        continue
      }
      warn("unknown environment variable \(name); did you mean \(nearest(to: name, among: known) ?? "")?")
    }
  }

  private init(reader: ConfigReader, file: ConfigurationFile?) throws {
    let values = SettingValues(reader: reader)
    self.file = file?.path
    fileValues = file?.values ?? [:]
    policy = file?.policy ?? ReceiptPolicy()
    filters = file?.filters ?? FilterConfiguration()
    data = values.text(.data)
    http = try values.address(.httpListen)
    isAuthenticated = try values.choice(.httpAuth, ["token": true, "none": false])
    smtp = try values.address(.smtpListen)
    hostname = try values.hostname(.smtpHostname)
    postmaster = try values.mailAddress(.smtpPostmaster)
    maxConnections = try values.integer(.smtpMaxConnections, 1...1_000_000)
    maxConnectionsPerClient = try values.integer(.smtpMaxConnectionsPerClient, 1...1_000_000)
    proxies = try values.networks(.smtpProxies)
    idleTimeout = .seconds(try values.integer(.smtpIdleTimeout, 1...86_400))
    crowdedTimeout = .seconds(try values.integer(.smtpCrowdedTimeout, 1...86_400))
    maxMessageByteCount = try values.integer(.smtpMaxMessageSize, 1_024...(1 << 30))
    maxRecipients = try values.integer(.smtpMaxRecipients, 1...100_000)
    maxHops = try values.integer(.smtpMaxHops, 1...10_000)
    tls = try values.certificate()
    smtpOverTLS = try values.addressIfAny(.smtpTLSListen)
    submission = try values.addressIfAny(.smtpSubmission)
    submissions = try values.addressIfAny(.smtpSubmissions)
    let secured: [(ListenAddress?, SettingKey)] = [
      (smtpOverTLS, .smtpTLSListen), (submission, .smtpSubmission), (submissions, .smtpSubmissions),
    ]
    for (address, key) in secured where address != nil && tls == nil { throw values.needsCertificate(key) }
    lmtp = try values.doorIfAny(.lmtpListen)
    nameServers = try values.nameServers(.dnsServers)
    let relayTLS = try values.choice(.bouncesRelayTLS, ["true": true, "false": false])
    relay = try values.relay(.bouncesRelay).map { RelayAddress(host: $0.host, port: $0.port, wantsTLS: relayTLS) }
    let delay = try values.integer(.bouncesDelayWarning, 0...31_536_000)
    reports = Reporter.Options(
      hostname: hostname, returnedByteCount: try values.integer(.bouncesMaxReturned, 0...65_536),
      reportsPerMinute: try values.integer(.bouncesPerMinute, 1...100_000),
      delayWarning: delay == 0 ? nil : .seconds(delay), reportsSuccess: relay != nil)
    workers = try values.integer(.ingestWorkers, 1...256)
    lease = .seconds(try values.integer(.ingestLease, 1...86_400))
    maxQueue = try values.integer(.ingestMaxQueue, 1...10_000_000)
    maxAttempts = try values.integer(.queueMaxAttempts, 1...1_000_000)
    let firstRetry = try values.integer(.queueRetryFirst, 1...3_600)
    backoff = RetryBackoff(
      first: .seconds(firstRetry), longest: .seconds(try values.integer(.queueRetryLongest, firstRetry...86_400)))
    maxEnvelopeByteCount = try values.integer(.queueMaxEnvelopeBytes, (1 << 20)...(1 << 40))
    extraction = try values.documentOptions()
    compactionRate = try values.integer(.indexCompactionRate, 0...(1 << 40))
    let slowBacklog = try values.integer(.indexSlowBacklog, (1 << 20)...(1 << 50))
    backlog = slowBacklog...(try values.integer(.indexMaxBacklog, (slowBacklog + 1)...(1 << 51)))
    waitForQueue = .milliseconds(try values.integer(.searchWaitForQueue, 0...60_000))
    searchDeadline = .milliseconds(try values.integer(.searchDeadline, 1...600_000))
    timeZone = try values.timeZone(.searchTimeZone)
    (stemming, detectsLanguages) = try values.languages(.searchStemming)
    let directory = values.text(.searchAnalyzers)
    analyzers = directory.isEmpty ? nil : directory
    let levels = Dictionary(uniqueKeysWithValues: Logger.Level.allCases.map { ($0.rawValue, $0) })
    logLevel = try values.choice(.logLevel, levels)
    logsAddresses = try values.choice(.logAddresses, ["true": true, "false": false])
    guard isAuthenticated || http.isLoopback else {
      throw ConfigurationError("http.auth: none is refused unless http.listen is a loopback address (127.0.0.1, ::1)")
    }
  }
}

/// Reads settings as typed values, naming the key in every error.
private struct SettingValues {
  let reader: ConfigReader

  func text(_ key: SettingKey) -> String {
    reader.string(forKey: ConfigKey(key.rawValue.split(separator: ".").map(String.init)), default: key.defaultValue)
  }

  func integer(_ key: SettingKey, _ range: ClosedRange<Int>) throws -> Int {
    guard let value = Int(text(key)), range.contains(value) else {
      throw wrong(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  func choice<Value>(_ key: SettingKey, _ choices: [String: Value]) throws -> Value {
    guard let value = choices[text(key)] else { throw wrong(key, choices.keys.sorted().joined(separator: ", ")) }
    return value
  }

  func address(_ key: SettingKey) throws -> ListenAddress {
    guard let address = ListenAddress(text(key)) else { throw wrong(key, "HOST:PORT") }
    return address
  }

  /// - Returns: `nil` for an empty one.
  func addressIfAny(_ key: SettingKey) throws -> ListenAddress? { text(key).isEmpty ? nil : try address(key) }

  /// - Returns: `nil` for an empty one.
  func relay(_ key: SettingKey) throws -> ListenAddress? {
    guard let address = try addressIfAny(key) else { return nil }
    guard address.port != 0 else { throw wrong(key, "HOST:PORT with the port at which the relay listens") }
    return address
  }

  /// `HOST:PORT`, or a path, which has a slash. Port 25 is for SMTP alone.
  /// - Returns: `nil` for an empty one.
  func doorIfAny(_ key: SettingKey) throws -> Door.Address? {
    let text = text(key)
    if text.isEmpty { return nil }
    if text.contains("/") { return .unix(path: text) }
    guard let address = ListenAddress(text), address.port != 25 else {
      throw wrong(key, "HOST:PORT with another port than 25, or a path")
    }
    return Door.Address(address)
  }

  /// - Returns: `nil` where no file is named.
  func certificate() throws -> TLSCertificate.Files? {
    let version = try choice(.smtpTLSMinimumVersion, ["1.2": TLSCertificate.Version.tls12, "1.3": .tls13])
    let (chains, keys) = (list(.smtpTLSCertificate), list(.smtpTLSKey))
    if chains.isEmpty, keys.isEmpty {
      // Whoever demands newer TLS would otherwise be left with none.
      if version != .tls12 { throw needsCertificate(.smtpTLSMinimumVersion) }
      return nil
    }
    if chains.isEmpty { throw wrong(.smtpTLSCertificate, "the certificate of smtp.tls.key") }
    if keys.isEmpty { throw wrong(.smtpTLSKey, "the key of smtp.tls.certificate") }
    guard chains.count == keys.count else { throw wrong(.smtpTLSKey, "as many keys as there are certificates") }
    return TLSCertificate.Files(
      zip(chains, keys).map { TLSCertificate.Pair(certificateChain: $0, privateKey: $1) }, minimumVersion: version)
  }

  /// A domain of letters, digits, hyphens and dots: it is written into greetings and trace fields as it is.
  func hostname(_ key: SettingKey) throws -> String {
    let text = text(key)
    guard text.utf8.count <= 255, text.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?/) != nil else {
      throw wrong(key, "a domain such as mx.example.com")
    }
    return text
  }

  /// - Returns: `nil` for an empty one.
  func mailAddress(_ key: SettingKey) throws -> String? {
    let text = text(key)
    if text.isEmpty { return nil }
    guard text.wholeMatch(of: /[^@\s]+@[^@\s]+/) != nil else {
      throw wrong(key, "an address such as admin@example.com")
    }
    return text
  }

  func networks(_ key: SettingKey) throws -> [Network] {
    try list(key).map { text in
      do throws(Network.ParsingError) {
        return try Network(text)
      } catch {
        let expected = "networks such as 192.0.2.0/24, 192.0.2.7 and 2001:db8::/32, with commas"
        throw wrong(key, expected, "'\(text)': \(error)")
      }
    }
  }

  /// As many as c-ares can be told of at once, each with or without a port.
  func nameServers(_ key: SettingKey) throws -> [String] {
    let servers = list(key)
    for server in servers {
      let parts = server.wholeMatch(of: /([0-9.]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/)
      let address = parts.map { $0.1.trimmingCharacters(in: ["[", "]"]) }
      let port = parts?.2.map { Int($0.dropFirst()) ?? 0 } ?? 53
      guard address.flatMap({ IPAddress($0) }) != nil, (1...65_535).contains(port) else {
        throw wrong(key, "addresses such as 192.0.2.53, 127.0.0.1:5353 and [2001:db8::53], with commas", "'\(server)'")
      }
    }
    guard servers.count <= 8 else { throw wrong(key, "8 servers at most", "\(servers.count)") }
    return servers
  }

  /// What is between commas, without white space around it.
  private func list(_ key: SettingKey) -> [String] {
    text(key).split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  func timeZone(_ key: SettingKey) throws -> TimeZone {
    guard let zone = TimeZone(identifier: text(key)) else { throw wrong(key, "a zone such as Europe/Berlin") }
    return zone
  }

  func languages(_ key: SettingKey) throws -> (StemmingLanguages, detects: Bool) {
    var names = list(key).map { $0.lowercased() }
    if names == ["none"] { return ([], false) }
    let detects = names.contains("mailbox")
    names.removeAll { $0 == "mailbox" }
    let languages = try names.map { name in
      guard let language = StemmingLanguage(rawValue: name), language.isAvailable else {
        let available = StemmingLanguage.allCases.filter(\.isAvailable).map(\.rawValue)
        throw wrong(key, "none, or some of mailbox, " + available.joined(separator: ", "))
      }
      return language
    }
    return (StemmingLanguages(languages), detects)
  }

  /// - Returns: `nil` where they are switched off.
  func documentOptions() throws -> DocumentOptions? {
    var options = DocumentOptions()
    options.workers = try integer(.extractionWorkers, 1...256)
    options.timeout = .seconds(try integer(.extractionTimeout, 1...60))
    options.memoryByteCount = try integer(.extractionMemory, (64 << 20)...(1 << 40))
    options.textByteCount = try integer(.extractionMaxText, 1_024...(16 << 20))
    options.cacheByteCount = try integer(.extractionCacheSize, 0...(1 << 40))
    return try choice(.extractionEnabled, ["true": true, "false": false]) ? options : nil
  }

  func needsCertificate(_ key: SettingKey) -> ConfigurationError {
    ConfigurationError("\(key.rawValue): needs smtp.tls.certificate and smtp.tls.key")
  }

  private func wrong(_ key: SettingKey, _ expected: String) -> ConfigurationError {
    wrong(key, expected, "'\(text(key))'")
  }

  private func wrong(_ key: SettingKey, _ expected: String, _ found: String) -> ConfigurationError {
    ConfigurationError("\(key.rawValue): expected \(expected), found \(found)")
  }
}
