// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Measurements live in a package of their own, so that what only they need never reaches the product's build.
//
// `maildex-bench` measures the engine in process, and rooms are open to their own package only: they are built here once
// more, from the product's sources, to which `.ci/bench` makes the link `Product`. Without the link there is the load alone.
let hasProduct = FileManager.default.fileExists(atPath: Context.packageDirectory + "/Product/Sources")

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let collections: Target.Dependency = .product(name: "Collections", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// With the settings that the product's manifest gives them.
func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  let unchecked = SwiftSetting.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
  return .target(
    name: name, dependencies: dependencies, path: "Product/Sources/" + name,
    swiftSettings: [
      .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
      .enableUpcomingFeature("MemberImportVisibility"),
    ] + (["Index", "Query"].contains(name) ? [unchecked] : []))
}

let engine: [Target] = [
  .systemLibrary(name: "CMalloc", path: "Sources/CMalloc"),
  .systemLibrary(
    name: "CZstd", path: "Product/Sources/CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
  .systemLibrary(
    name: "CGMime", path: "Product/Sources/CGMime", pkgConfig: "gmime-3.0", providers: [.apt(["libgmime-3.0-dev"])]),
  .systemLibrary(
    name: "CXML2", path: "Product/Sources/CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
  .systemLibrary(
    name: "CStemmer", path: "Product/Sources/CStemmer", providers: [.apt(["libstemmer-dev"])]),
  .systemLibrary(
    name: "CArchive", path: "Product/Sources/CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
  .target(
    name: "CICU", path: "Product/Sources/CICU",
    linkerSettings: [.linkedLibrary("icui18n"), .linkedLibrary("icuuc")]),
  .target(name: "CConfined", path: "Product/Sources/CConfined"),
  .target(
    name: "Analyzers", path: "Product/Analyzers", exclude: ["README.md", "tables"],
    resources: [
      .embedInCode("text.yaml"), .embedInCode("address.yaml"), .embedInCode("filename.yaml"),
      .embedInCode("identifier.yaml"), .embedInCode("text-1.yaml"), .embedInCode("address-1.yaml"),
      .embedInCode("filename-1.yaml"),
    ]),
  .target(
    name: "Dictionaries", path: "Product/Sources/Dictionaries", exclude: ["README.md", "train.py", "training"],
    resources: [.embedInCode("record-1.zdict")]),
  room("Bytes", ["CZstd"]),
  room("SMTP", ["Bytes", crypto]),
  room("MailFormat", ["Bytes", "CGMime", "CXML2", "CICU"]),
  room("Documents", ["Bytes", "MailFormat", "CConfined", "CArchive", "CXML2", crypto, grdb, logging]),
  room("Analysis", ["Bytes", "CICU", "CStemmer", "Analyzers", yams]),
  room("MailStore", ["Bytes", "CICU", "MailFormat", collections, crypto, cryptoExtras, grdb, logging]),
  room("Index", ["Bytes", "Dictionaries", "Analysis", collections, logging]),
  room("Query", ["Bytes", "Analysis", "Index", crypto]),
  room("Mailboxes", ["Bytes", "MailFormat", "Analysis", "MailStore", "Index", "Query", logging]),
  room("Reports", ["Bytes", "SMTP", "MailFormat", "MailStore", crypto]),
  room(
    "Ingest",
    [
      "Bytes", "SMTP", "MailFormat", "Documents", "Analysis", "MailStore", "Reports", "Index", "Mailboxes", crypto,
      logging, serviceLifecycle,
    ]),
  .executableTarget(
    name: "maildex-bench",
    dependencies: [
      "CMalloc", "Bytes", "Analysis", "Index", "Query", "MailStore", "Mailboxes", "Ingest", argumentParser, logging,
    ]),
]

let package = Package(
  name: "maildex-bench",
  platforms: [.macOS(.v26)],
  products: [.executable(name: "maildex-load", targets: ["maildex-load"])]
    + (hasProduct ? [.executable(name: "maildex-bench", targets: ["maildex-bench"])] : []),
  dependencies: [.package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")]
    + (hasProduct
      ? [
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
      ] : []),
  targets: [.executableTarget(name: "maildex-load", dependencies: [argumentParser])] + (hasProduct ? engine : []),
  swiftLanguageModes: [.v6]
)
