import Filter
import Foundation
import TestSupport
import Testing

@testable import maildex

struct FilterSectionTests {
  @Test func `filters are read, each with what becomes of its findings`() throws {
    let filters = try filters(
      """
      filters:
        mode: session
        built_in: { enabled: true, executables: reject, encrypted_archives: spam, forgeries: spam, own_domains: [Example.com] }
        rspamd:
          url: http://127.0.0.1:11333
          learn_url: /run/rspamd/controller.sock
          password: secret
          timeout: 7
          reject: reject
          greylist: deliver
          max_size: 2048
          on_unavailable: deliver
        clamd: { socket: /run/clamav/clamd.ctl, timeout: 9, found: reject, max_size: 4096, too_large: quarantine }
      """)
    #expect(filters.mode == .session)
    let builtIn = try #require(filters.builtIn)
    #expect(builtIn.executables == .reject && builtIn.encryptedArchives == .spam && builtIn.forgeries == .spam)
    #expect(builtIn.ownDomains == ["example.com"])
    let rspamd = try #require(filters.rspamd)
    #expect(rspamd.rspamd.endpoint == .url("http://127.0.0.1:11333"))
    #expect(rspamd.rspamd.learningEndpoint == .unix(path: "/run/rspamd/controller.sock"))
    #expect(rspamd.rspamd.password == "secret" && rspamd.rspamd.maxByteCount == 2_048)
    #expect(rspamd.rspamd.reject == .reject && rspamd.rspamd.greylist == .deliver)
    #expect(rspamd.options.timeout == .seconds(7) && rspamd.options.onUnavailable == .deliver)
    let clamd = try #require(filters.clamd)
    #expect(clamd.clamd.endpoint == .unix(path: "/run/clamav/clamd.ctl"))
    #expect(clamd.clamd.found == .reject && clamd.clamd.tooLarge == .quarantine && clamd.clamd.maxByteCount == 4_096)
    #expect(clamd.options.timeout == .seconds(9) && clamd.options.onUnavailable == .defer)
    let address = try self.filters("filters: { clamd: { address: \"[::1]:3310\" } }\n").clamd
    #expect(address?.clamd.endpoint == .tcp(host: "::1", port: 3_310))
  }

  @Test(arguments: [
    "", "filters:\n", "filters: {}\n", "filters:\n  built_in:\n  rspamd:\n  clamd:\n",
    "filters: { built_in: { enabled: true }, rspamd: { url: \"\", password: x }, clamd: { found: reject } }\n",
  ])
  func `without a place to ask at nobody is asked but the built-in filter`(yaml: String) throws {
    let filters = try filters(yaml)
    #expect(filters == FilterConfiguration())
    #expect(filters.builtIn == BuiltInOptions() && filters.rspamd == nil && filters.clamd == nil)
  }

  @Test func `the built-in filter can be switched off`() throws {
    #expect(try filters("filters: { built_in: { enabled: false, executables: reject } }\n").builtIn == nil)
  }

  @Test func `the documented example has every key of the section, with its default`() throws {
    let path = Checkout.file("docs/maildex.example.yaml")
    #expect(try ConfigurationFile(reading: path.path).filters == FilterConfiguration())
    let text = try String(contentsOf: path, encoding: .utf8)
    let section = try #require(text.firstMatch(of: /(?s)\n(filters:\n.*?)\n\w/)).1
    let keys = section.matches(of: /(?m)^ +(\w+):/).map { String($0.1) }
    #expect(
      keys == [
        "mode", "built_in", "enabled", "executables", "encrypted_archives", "forgeries", "own_domains",
        "rspamd", "url", "learn_url", "password", "timeout", "reject", "greylist", "max_size", "on_unavailable",
        "clamd", "socket", "address", "timeout", "found", "max_size", "too_large", "on_unavailable",
      ])
    // What it says of filters that are off are the values that they have when they are on.
    let on = section.replacing("enabled: false", with: "enabled: true").replacing(
      "url: \"\"", with: "url: /r", maxReplacements: 1
    )
    .replacing("socket: \"\"", with: "socket: /c")
    var expected = FilterConfiguration()
    (expected.builtIn, expected.rspamd, expected.clamd) = (BuiltInOptions(), .init(), .init())
    expected.rspamd?.rspamd.endpoint = .unix(path: "/r")
    expected.clamd?.clamd.endpoint = .unix(path: "/c")
    #expect(try filters(String(on) + "\n") == expected)
  }

  @Test func `the page's example is a section`() throws {
    let page = try String(contentsOf: Checkout.file("docs/filters.md"), encoding: .utf8)
    let example = try #require(page.firstMatch(of: /(?s)```yaml\n(.*?)```/)).1
    let filters = try filters(String(example))
    #expect(filters.builtIn != nil && filters.rspamd != nil && filters.clamd != nil)
  }

  @Test(arguments: [
    ("filters: on\n", "line 1: filters: expected keys with values"),
    ("filters:\n  clam: {}\n", "line 2: filters.clam: unknown key; did you mean 'filters.clamd'?"),
    ("filters: { mode: later }\n", "line 1: filters.mode: expected queue, session, found 'later'"),
    (
      "filters:\n  rspamd:\n    urls: x\n",
      "line 3: filters.rspamd.urls: unknown key; did you mean 'filters.rspamd.url'?"
    ),
    (
      "filters: { rspamd: { url: \"ftp://x\" } }\n",
      "line 1: filters.rspamd.url: expected http://HOST:PORT, https://HOST:PORT or the path of a socket, found 'ftp://x'"
    ),
    (
      "filters: { rspamd: { greylist: quarantine } }\n",
      "line 1: filters.rspamd.greylist: expected deliver, spam, defer, found 'quarantine'"
    ),
    (
      "filters: { built_in: { executables: defer } }\n",
      "line 1: filters.built_in.executables: expected deliver, spam, quarantine, reject, found 'defer'"
    ),
    (
      "filters: { rspamd: { on_unavailable: reject } }\n",
      "line 1: filters.rspamd.on_unavailable: expected defer, deliver, found 'reject'"
    ),
    (
      "filters: { clamd: { timeout: 0 } }\n",
      "line 1: filters.clamd.timeout: expected a number of seconds from 1 to 600, found '0'"
    ),
    ("filters: { clamd: { address: 3310 } }\n", "line 1: filters.clamd.address: expected HOST:PORT, found '3310'"),
    (
      "filters:\n  clamd: { socket: /a, address: \"a:1\" }\n",
      "line 2: filters.clamd: takes a socket or an address, not both"
    ),
    (
      "filters: { clamd: { max_size: 5 } }\n",
      "line 1: filters.clamd.max_size: expected a number of bytes from 1024 to 1073741824, found '5'"
    ),
  ])
  func `a mistake is told with its line and key`(yaml: String, expected: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try self.filters(yaml) }
    let description = error?.description ?? ""
    #expect(description.hasSuffix(".yaml: \(expected)"), "\(description)")
  }

  private func filters(_ yaml: String) throws -> FilterConfiguration {
    try withTemporaryDirectory { directory in
      let path = directory + "/maildex.yaml"
      try Data(yaml.utf8).write(to: URL(fileURLWithPath: path))
      return try ConfigurationFile(reading: path).filters
    }
  }
}
