import Testing

/// Dependencies point down: a room knows only the rooms that the manifest lists above it.
@Suite struct ArrowTests {
  let manifest: Manifest

  init() throws { manifest = Manifest(try Checkout.text("Package.swift")) }

  @Test func `the manifest lists the rooms from the floor up`() {
    #expect(manifest.rooms.count >= 10, "the rooms of Package.swift were not understood")
    #expect(manifest.arrowsPointingUp == [])
  }

  @Test func `a room imports only what its target names`() throws {
    let files = try Checkout.swiftSources()
    #expect(files.contains { $0.room == "Bytes" })
    #expect(manifest.undeclaredImports(in: files) == [])
  }

  @Test func `every room with code of ours has its tests`() throws {
    let rooms = Set(try Checkout.swiftSources().map(\.room))
    let untested = rooms.filter { room in
      !manifest.testTargets.contains { $0.lowercased() == "\(room)tests".lowercased() }
    }
    #expect(untested == [])
  }

  @Test func `sockets stay in the rooms that own a connection`() throws {
    let network = /^(?:NIO|_NIO|Hummingbird|AsyncHTTPClient)/
    let owners: Set = ["Filter", "Receipt", "Outbound", "HTTPAPI", "maildex"]
    let strays = try Checkout.swiftSources().filter { !owners.contains($0.room) }
      .flatMap { file in file.imports.filter { $0.contains(network) }.map { "\(file.path) imports \($0)" } }
    #expect(strays == [])
  }
}

/// The rules above hold only if what reads the manifest would notice.
@Suite struct ManifestTests {
  let manifest = Manifest(
    """
    let rooms: [Target] = [
      .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
      .target(name: "Bytes", dependencies: ["CZstd"]),
      .target(
        name: "Index",
        dependencies: [
          "Bytes", "Query", collections,
        ]),
      .executableTarget(name: "Query", dependencies: ["Bytes", "Index"]),
    ]
    let tests: [Target] = [ .testTarget(name: "BytesTests", dependencies: ["Bytes"]) ]
    """)

  @Test func `names, order and dependencies are read`() {
    #expect(manifest.rooms.map(\.name) == ["CZstd", "Bytes", "Index", "Query"])
    #expect(manifest.rooms[2].dependencies == ["Bytes", "Query"])
    #expect(manifest.testTargets == ["BytesTests"])
  }

  @Test func `an arrow that points up is noticed`() {
    #expect(manifest.arrowsPointingUp == ["Index -> Query"])
  }

  @Test(arguments: ["import Query", "package import Query", "@testable import Query", "import struct Query.Plan"])
  func `an import that the target does not name is noticed`(line: String) {
    let file = SwiftFile(path: "Sources/Bytes/A.swift", text: "import Foundation\n\(line)\nlet important = 1\n")
    #expect(manifest.undeclaredImports(in: [file]) == ["Sources/Bytes/A.swift imports Query"])
  }
}
