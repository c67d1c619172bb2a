// swift-tools-version: 6.2
import PackageDescription

// Versions are exact because no lock file is kept in the repository.
let dependencies: [Package.Dependency] = [
  .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
  .package(url: "https://github.com/apple/swift-atomics", exact: "1.3.0"),
  .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
  .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0"),
  .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
  .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
  .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
  .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
  .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
  .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
  .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
  .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let atomics: Target.Dependency = .product(name: "Atomics", package: "swift-atomics")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let collections: Target.Dependency = .product(name: "Collections", package: "swift-collections")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

// The rooms, from the floor up. A target may name only targets written above it here;
// HouseTests reads this file and the imports and fails when an arrow points up.
let rooms: [Target] = [
  .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
  .systemLibrary(name: "CGMime", pkgConfig: "gmime-3.0", providers: [.apt(["libgmime-3.0-dev"])]),
  .systemLibrary(name: "CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
  .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
  .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
  .systemLibrary(name: "CCAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
  .target(name: "CICU", linkerSettings: [.linkedLibrary("icui18n"), .linkedLibrary("icuuc")]),
  .target(name: "CConfined"),
  .target(name: "Bytes", dependencies: ["CZstd"]),
  .target(name: "SMTP", dependencies: ["Bytes", crypto]),
  .target(name: "MailFormat", dependencies: ["Bytes", "CGMime", "CXML2", "CICU"]),
  .target(
    name: "Documents",
    dependencies: ["Bytes", "MailFormat", "CConfined", "CArchive", "CXML2", crypto, grdb, logging]),
  .target(
    name: "Analyzers", path: "Analyzers", exclude: ["README.md", "tables"],
    resources: [
      .embedInCode("text.yaml"), .embedInCode("address.yaml"), .embedInCode("filename.yaml"),
      .embedInCode("identifier.yaml"), .embedInCode("text-1.yaml"), .embedInCode("address-1.yaml"),
      .embedInCode("filename-1.yaml"),
    ]),
  .target(
    name: "Dictionaries", exclude: ["README.md", "train.py", "training"],
    resources: [.embedInCode("record-1.zdict")]),
  .target(name: "Analysis", dependencies: ["Bytes", "CICU", "CStemmer", "Analyzers", yams]),
  .target(
    name: "MailStore",
    dependencies: ["Bytes", "CICU", "MailFormat", collections, crypto, cryptoExtras, grdb, logging]),
  .target(
    name: "Filter",
    dependencies: [
      "CArchive", "Bytes", "MailFormat", "Documents", "MailStore", asyncHTTPClient, logging, nioCore, nioHTTP1,
      nioPosix,
    ]),
  .target(name: "Reports", dependencies: ["Bytes", "SMTP", "MailFormat", "MailStore", crypto]),
  .target(name: "Index", dependencies: ["Bytes", "Dictionaries", "Analysis", collections, logging]),
  .target(name: "Query", dependencies: ["Bytes", "Analysis", "Index", crypto]),
  .target(
    name: "Mailboxes",
    dependencies: ["Bytes", "MailFormat", "Analysis", "MailStore", "Index", "Query", logging]),
  .target(
    name: "Ingest",
    dependencies: [
      "Bytes", "SMTP", "MailFormat", "Documents", "Analysis", "MailStore", "Reports", "Index", "Mailboxes", crypto,
      logging, serviceLifecycle,
    ]),
  .target(
    name: "Receipt",
    dependencies: [
      "Bytes", "SMTP", "MailStore", "CCAres", nioCore, nioPosix, nioSSL, nioTLS, logging, serviceLifecycle, atomics,
    ]),
  .target(
    name: "Outbound",
    dependencies: ["Bytes", "SMTP", "MailStore", nioCore, nioPosix, nioSSL, logging, serviceLifecycle]),
  .target(
    name: "HTTPAPI",
    dependencies: [
      "Bytes", "MailFormat", "MailStore", "Query", "Mailboxes", "Ingest", hummingbird, logging, yams,
    ],
    resources: [.embedInCode("openapi.yaml")]),
  .executableTarget(
    name: "maildex",
    dependencies: [
      "Bytes", "MailFormat", "Documents", "SMTP", "Analysis", "MailStore", "Filter", "Index", "Query", "Mailboxes",
      "Outbound",
      "Ingest",
      "Receipt", "HTTPAPI", argumentParser, asyncHTTPClient, configuration, crypto, hummingbird, logging, nioCore,
      nioHTTP1,
      nioPosix,
      serviceLifecycle, unixSignals, yams,
    ]),
]

let tests: [Target] = [
  .target(name: "TestSupport", dependencies: ["Bytes"], path: "Tests/Support"),
  .target(name: "APISupport", dependencies: ["HTTPAPI", yams], path: "Tests/APISupport"),
  .testTarget(name: "BytesTests", dependencies: ["Bytes", "Dictionaries", "TestSupport"]),
  .testTarget(name: "DictionariesTests", dependencies: ["Dictionaries"]),
  .testTarget(name: "SMTPTests", dependencies: ["SMTP", "Bytes", "TestSupport", crypto]),
  .testTarget(name: "MailFormatTests", dependencies: ["MailFormat", "Bytes", "TestSupport"]),
  .testTarget(name: "DocumentsTests", dependencies: ["Documents", "MailFormat", "Bytes", "TestSupport", grdb]),
  .testTarget(name: "AnalysisTests", dependencies: ["Analysis", "Analyzers", "TestSupport"]),
  .testTarget(
    name: "MailStoreTests",
    dependencies: ["MailStore", "MailFormat", "Bytes", "TestSupport", crypto, cryptoExtras, grdb]),
  .testTarget(
    name: "FilterTests",
    dependencies: [
      "Filter", "MailStore", "MailFormat", "Bytes", "TestSupport", logging, nioCore, nioHTTP1, nioPosix,
    ]),
  .testTarget(
    name: "ReportsTests", dependencies: ["Reports", "SMTP", "MailFormat", "MailStore", "Bytes", "TestSupport"]),
  .testTarget(name: "IndexTests", dependencies: ["Index", "Dictionaries", "Analysis", "Bytes", "TestSupport"]),
  .testTarget(name: "QueryTests", dependencies: ["Query", "Index", "Analysis", "Bytes", "TestSupport"]),
  .testTarget(
    name: "MailboxesTests",
    dependencies: ["Mailboxes", "MailStore", "Index", "Query", "Analysis", "Bytes", "TestSupport", grdb, logging]),
  .testTarget(
    name: "IngestTests",
    dependencies: [
      "Ingest", "Documents", "Mailboxes", "MailStore", "Index", "Query", "MailFormat", "Analysis", "Bytes",
      "TestSupport",
      crypto, logging, serviceLifecycle,
    ]),
  .testTarget(
    name: "ReceiptTests",
    dependencies: [
      "Receipt", "SMTP", "MailStore", "Bytes", "TestSupport", crypto, nioCore, nioPosix, nioEmbedded, nioSSL, nioTLS,
      logging, serviceLifecycle,
    ]),
  .testTarget(
    name: "OutboundTests",
    dependencies: [
      "Outbound", "Receipt", "SMTP", "MailStore", "Bytes", "TestSupport", nioCore, nioPosix, logging, serviceLifecycle,
    ]),
  .testTarget(
    name: "HTTPAPITests",
    dependencies: [
      "HTTPAPI", "Mailboxes", "Ingest", "MailStore", "Query", "MailFormat", "Bytes", "APISupport", "TestSupport",
      hummingbird, hummingbirdTesting, yams,
    ]),
  .testTarget(
    name: "MaildexTests",
    dependencies: [
      "maildex", "Receipt", "Analysis", "Filter", "Ingest", "Outbound", "Bytes", "APISupport", "TestSupport", "SMTP",
      "MailStore", logging,
    ]),
  .testTarget(name: "HouseTests", dependencies: ["TestSupport"]),
]

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),  // SE-0335
  .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
  .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
]

for target in rooms + tests where target.type != .system && !["CICU", "CConfined"].contains(target.name) {
  target.swiftSettings = swiftSettings
  let isOurSource = rooms.contains { $0 === target } && !["Analyzers", "Dictionaries"].contains(target.name)
  if isOurSource { target.swiftSettings? += [.strictMemorySafety()] }  // SE-0458
  // The innermost loops of a search spent a fifth of its time on checking at run time that no property is accessed twice
  // at once. What the compiler can tell it still refuses; tests and sanitizers, which are built for debugging, check the rest.
  if ["Index", "Query"].contains(target.name) {
    target.swiftSettings? += [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]
  }
}

let package = Package(
  name: "maildex",
  platforms: [.macOS(.v26)],
  products: [.executable(name: "maildex", targets: ["maildex"])],
  dependencies: dependencies,
  targets: rooms + tests,
  swiftLanguageModes: [.v6]
)
