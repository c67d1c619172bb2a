import Filter
import Foundation
import MailStore

/// The section `filters` of the configuration file. What its keys mean is in docs/filters.md. A filter is asked where its section
/// stands in the file with a place to ask it at; the built-in one unless it is switched off.
struct FilterSection {
  let configuration: FilterConfiguration

  init(_ node: ConfigurationNode) throws {
    let keys = try node.section(["mode", "built_in", "rspamd", "clamd"])
    var configuration = FilterConfiguration()
    configuration.mode = try keys["mode"].flatMap(Self.choice) ?? configuration.mode
    if let builtIn = keys["built_in"] { configuration.builtIn = try Self.builtIn(builtIn) }
    configuration.rspamd = try keys["rspamd"].flatMap(Self.rspamd)
    configuration.clamd = try keys["clamd"].flatMap(Self.clamd)
    self.configuration = configuration
  }

  // MARK: - The filters

  private static let maxDomains = 100_000

  private static func builtIn(_ node: ConfigurationNode) throws -> BuiltInOptions? {
    let keys = try node.section(["enabled", "executables", "encrypted_archives", "forgeries", "own_domains"])
    var options = BuiltInOptions()
    options.executables = try keys["executables"].flatMap(action) ?? options.executables
    options.encryptedArchives = try keys["encrypted_archives"].flatMap(action) ?? options.encryptedArchives
    options.forgeries = try keys["forgeries"].flatMap(action) ?? options.forgeries
    let domains = try keys["own_domains"]?.list(atMost: maxDomains) ?? []
    options.ownDomains = Set(
      try domains.map { try $0.value("a domain such as example.com") { AccountAddress.domain($0) } })
    return try keys["enabled"].flatMap(isTrue) ?? true ? options : nil
  }

  private static func rspamd(_ node: ConfigurationNode) throws -> FilterConfiguration.Rspamd? {
    let keys = try node.section([
      "url", "learn_url", "password", "timeout", "reject", "greylist", "max_size", "on_unavailable",
    ])
    var rspamd = FilterConfiguration.Rspamd()
    rspamd.rspamd.learningEndpoint = try keys["learn_url"].flatMap(endpoint)
    rspamd.rspamd.password = try keys["password"].flatMap(text)
    rspamd.rspamd.reject = try keys["reject"].flatMap(action) ?? rspamd.rspamd.reject
    rspamd.rspamd.greylist = try keys["greylist"].flatMap(deferringAction) ?? rspamd.rspamd.greylist
    rspamd.rspamd.maxByteCount = try keys["max_size"].flatMap(size) ?? rspamd.rspamd.maxByteCount
    rspamd.options.timeout = try keys["timeout"].flatMap(seconds) ?? rspamd.options.timeout
    rspamd.options.onUnavailable = try keys["on_unavailable"].flatMap(choice) ?? rspamd.options.onUnavailable
    guard let endpoint = try keys["url"].flatMap(endpoint) else { return nil }
    rspamd.rspamd.endpoint = endpoint
    return rspamd
  }

  private static func clamd(_ node: ConfigurationNode) throws -> FilterConfiguration.Clamd? {
    let keys = try node.section(["socket", "address", "timeout", "found", "max_size", "too_large", "on_unavailable"])
    var clamd = FilterConfiguration.Clamd()
    clamd.clamd.found = try keys["found"].flatMap(action) ?? clamd.clamd.found
    clamd.clamd.tooLarge = try keys["too_large"].flatMap(action) ?? clamd.clamd.tooLarge
    clamd.clamd.maxByteCount = try keys["max_size"].flatMap(size) ?? clamd.clamd.maxByteCount
    clamd.options.timeout = try keys["timeout"].flatMap(seconds) ?? clamd.options.timeout
    clamd.options.onUnavailable = try keys["on_unavailable"].flatMap(choice) ?? clamd.options.onUnavailable
    let socket = try keys["socket"].flatMap(path)
    let address = try keys["address"].flatMap(address)
    if socket != nil, address != nil { throw node.error("takes a socket or an address, not both") }
    guard let endpoint = socket ?? address else { return nil }
    clamd.clamd.endpoint = endpoint
    return clamd
  }

  // MARK: - Values

  /// - Returns: nil where nothing stands.
  private static func text(_ node: ConfigurationNode) throws -> String? {
    if node.isEmpty { return nil }
    let text = try node.text()
    return text.isEmpty ? nil : text
  }

  private static func choice<Value: CaseIterable & RawRepresentable<String>>(_ node: ConfigurationNode) throws -> Value?
  {
    if node.isEmpty { return nil }
    return try node.value(Value.allCases.map(\.rawValue).joined(separator: ", ")) { Value(rawValue: $0) }
  }

  private static func action(_ node: ConfigurationNode) throws -> FilterAction? {
    try action(node, among: [.deliver, .spam, .quarantine, .reject])
  }

  private static func deferringAction(_ node: ConfigurationNode) throws -> FilterAction? {
    try action(node, among: [.deliver, .spam, .defer])
  }

  private static func action(_ node: ConfigurationNode, among actions: [FilterAction]) throws -> FilterAction? {
    if node.isEmpty { return nil }
    return try node.value(actions.map(\.rawValue).joined(separator: ", ")) { text in
      FilterAction(rawValue: text).flatMap { actions.contains($0) ? $0 : nil }
    }
  }

  private static func isTrue(_ node: ConfigurationNode) throws -> Bool? {
    if node.isEmpty { return nil }
    return try node.value("true or false") { ["true": true, "false": false][$0] }
  }

  private static func seconds(_ node: ConfigurationNode) throws -> Duration? {
    if node.isEmpty { return nil }
    return .seconds(try node.number(1...600, "a number of seconds from 1 to 600"))
  }

  private static func size(_ node: ConfigurationNode) throws -> Int? {
    if node.isEmpty { return nil }
    return try node.number(1_024...(1 << 30), "a number of bytes from 1024 to 1073741824")
  }

  /// A path has a slash at its beginning, a URL a host behind its scheme.
  private static func endpoint(_ node: ConfigurationNode) throws -> RspamdOptions.Endpoint? {
    guard try text(node) != nil else { return nil }
    return try node.value("http://HOST:PORT, https://HOST:PORT or the path of a socket") { text in
      if text.hasPrefix("/") { return .unix(path: text) }
      guard let url = URL(string: text), let host = url.host, !host.isEmpty, ["http", "https"].contains(url.scheme),
        ["", "/"].contains(url.path), url.query == nil, url.user == nil
      else { return nil }
      return .url(text)
    }
  }

  private static func path(_ node: ConfigurationNode) throws -> ClamdOptions.Endpoint? {
    guard try text(node) != nil else { return nil }
    return try node.value("the path of a socket") { $0.hasPrefix("/") ? .unix(path: $0) : nil }
  }

  private static func address(_ node: ConfigurationNode) throws -> ClamdOptions.Endpoint? {
    guard try text(node) != nil else { return nil }
    return try node.value("HOST:PORT") { text in
      ListenAddress(text).flatMap { $0.port == 0 ? nil : .tcp(host: $0.host, port: $0.port) }
    }
  }
}
