import Testing

/// The pages name things that exist.
@Suite struct PageTests {
  @Test(arguments: ["make run", "make test"])
  func `the README shows the two commands`(command: String) throws {
    #expect(try Checkout.text("README.md").contains("\n\(command) "))
  }

  @Test(arguments: ["README.md", "CONTRIBUTING.md", "Fixtures/Mailbox/README.md"])
  func `a page names only targets that the Makefile has`(page: String) throws {
    let targets = Set(try Checkout.text("Makefile").matches(of: /(?m)^([a-z-]+):/).map { String($0.1) })
    #expect(targets.contains("test"))
    let named = try Checkout.text(page).matches(of: /(?:`|\n| {4})make ([a-z-]+)/).map { String($0.1) }
    #expect(named.filter { !targets.contains($0) } == [])
  }

  @Test func `the README has a line for every room`() throws {
    let readme = try Checkout.text("README.md")
    let rooms = Set(try Checkout.swiftSources().map(\.room))
    #expect(rooms.filter { !readme.contains("| `\($0)` |") } == [])
  }

  @Test func `every folder of fixtures has a README and a line in the one above`() throws {
    let readmes = try Checkout.files(in: "Fixtures", extensions: ["md"]).filter { $0.hasSuffix("/README.md") }
    let table = try Checkout.text("Fixtures/README.md")
    let folders = Set(
      try Checkout.files(in: "Fixtures", extensions: nil).compactMap { path -> Substring? in
        let parts = path.split(separator: "/")
        return parts.count > 2 ? parts[1] : nil
      })
    #expect(!folders.isEmpty)
    #expect(folders.filter { !readmes.contains("Fixtures/\($0)/README.md") } == [])
    #expect(folders.filter { !table.contains("| `\($0)` |") } == [])
  }

  @Test func `continuous integration runs make test, then make check`() throws {
    let lines = try Checkout.text(".ci/run").split(separator: "\n").filter { $0.hasPrefix("make ") }
    #expect(lines == ["make test", "make check"])
  }
}
