import Testing

/// What every source file of the house keeps to.
@Suite struct SourceFileTests {
  /// Comfortable is 80 to 250; beyond this, a file holds two ideas.
  static let mostLines = 400

  @Test func `no source file is longer than four hundred lines`() throws {
    let long = try Checkout.swiftSources().filter { $0.lineCount > Self.mostLines }.map {
      "\($0.path): \($0.lineCount)"
    }
    #expect(long == [])
  }

  @Test func `no file is a drawer`() throws {
    let drawers = try Checkout.swiftSources().map(\.path).filter { $0.contains(/(?:Utils|Utilities|Helpers|Misc)\b/) }
    #expect(drawers == [])
  }

  /// A build, a test or a page that names one machine's folders works on that machine alone.
  @Test func `no committed text names a folder of somebody's machine`() throws {
    let text: Set = ["swift", "md", "yaml", "yml", "txt", "tokens", "json", "py", "sh", "h", "c", "modulemap"]
    let folders = ["Sources", "Tests", "Analyzers", "Fixtures", "bench", "docs"]
    let paths = try folders.flatMap { try Checkout.files(in: $0, extensions: text) }
    let top = [
      "Package.swift", "Makefile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", ".gitignore", ".swift-format",
    ]
    let ci = try Checkout.files(in: ".ci", extensions: nil)
    #expect(ci.contains(".ci/run"))
    let named = try (paths + top + ci).flatMap { path in
      MachinePath.named(in: try Checkout.text(path), isPage: path.hasSuffix(".md")).map { "\(path) names \($0)" }
    }
    #expect(named == [])
  }
}

/// Absolute paths that belong to one machine. Pages may not show temporary folders either; code may create them.
enum MachinePath {
  static func named(in text: String, isPage: Bool) -> [String] {
    let own = text.matches(of: /(?:^|[\s"'`(=:])(\/(?:home|Users|work|root)\/[\w.-]+)/).map { String($0.1) }
    guard isPage else { return own }
    return own + text.matches(of: /(?:^|[\s"'`(=:])(\/tmp\/[\w.-]+)/).map { String($0.1) }
  }
}

@Suite struct MachinePathTests {
  @Test(arguments: ["see /\("home")/dan/mail", "let path = \"/\("work")/main\"", "cd /\("Users")/dan"])
  func `a path of one machine is noticed`(text: String) {
    #expect(MachinePath.named(in: text, isPage: false).count == 1)
  }

  @Test func `temporary folders are noticed in pages alone`() {
    let text = "unpack it in /\("tmp")/mail"
    #expect(MachinePath.named(in: text, isPage: true) == ["/\("tmp")/mail"])
    #expect(MachinePath.named(in: text, isPage: false) == [])
  }

  @Test func `web addresses and routes are no folders`() {
    #expect(MachinePath.named(in: "https://example.com/home/x and GET /v1/work/items", isPage: true) == [])
  }
}
