// swift-tools-version: 6.2
import PackageDescription

// Measurements live in a package of their own, so that what only they need never reaches the product's build.
let package = Package(
  name: "maildex-bench",
  platforms: [.macOS(.v26)],
  products: [.executable(name: "maildex-load", targets: ["maildex-load"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    .executableTarget(
      name: "maildex-load", dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")])
  ],
  swiftLanguageModes: [.v6]
)
