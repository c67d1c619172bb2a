private import Analyzers
package import Bytes

/// The definitions of all analyzers, as the bytes of their files: those that ship with Maildex, or a deployment's own.
package struct AnalyzerFiles: Sendable, Hashable {
  /// Of one file.
  package static let maxByteCount = 1 << 20
  /// Those that make the terms of an index.
  private static let indexedNames = ["text.yaml", "address.yaml", "filename.yaml"]
  private static let names = indexedNames + ["identifier.yaml"]

  /// By name, for each of `names`.
  private let contents: [String: [UInt8]]

  package static let builtIn = AnalyzerFiles([
    "text.yaml": AnalyzerDefinitions.text, "address.yaml": AnalyzerDefinitions.address,
    "filename.yaml": AnalyzerDefinitions.filename, "identifier.yaml": AnalyzerDefinitions.identifier,
  ])

  /// Those of an index that was made before indexes kept a copy of theirs.
  package static let first = AnalyzerFiles([
    "text.yaml": AnalyzerDefinitions.text1, "address.yaml": AnalyzerDefinitions.address1,
    "filename.yaml": AnalyzerDefinitions.filename1, "identifier.yaml": AnalyzerDefinitions.identifier,
  ])

  private init(_ contents: [String: [UInt8]]) { self.contents = contents }

  /// A directory's `text.yaml`, `address.yaml`, `filename.yaml` and `identifier.yaml`; the shipped one for each that is not there.
  /// - Throws: `AnalysisError` for a YAML file of another name, or one that is too long; `FileError`.
  package init(directory: String, _ fileSystem: any FileSystem) throws {
    var contents = Self.builtIn.contents
    for name in try fileSystem.list(directory) where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      guard Self.names.contains(name) else {
        throw AnalysisError(
          .unknown, "analyzer \(directory)/\(name): unknown file, known are \(Self.names.joined(separator: ", "))")
      }
      contents[name] = try Self.read(directory + "/" + name, fileSystem)
    }
    self.init(contents)
  }

  private static func read(_ path: String, _ fileSystem: any FileSystem) throws -> [UInt8] {
    let file = try fileSystem.open(path, .read)
    defer { file.close() }
    let bytes = try file.read(at: 0, byteCount: maxByteCount + 1)
    guard bytes.count <= maxByteCount else {
      throw AnalysisError(.malformed, "analyzer \(path): longer than \(maxByteCount) bytes")
    }
    return bytes
  }

  /// Writes those that make the terms of an index, durably, where `init(directory:)` reads them.
  package func writeIndexed(to directory: String, _ fileSystem: any FileSystem) throws(FileError) {
    try fileSystem.createDirectory(directory)
    for name in Self.indexedNames { try fileSystem.replaceFile(directory + "/" + name, with: self[name]) }
  }

  /// The same but for what makes no terms of an index, which is the other's.
  package func withUnindexed(of other: AnalyzerFiles) -> AnalyzerFiles {
    AnalyzerFiles(other.contents.merging(contents.filter { Self.indexedNames.contains($0.key) }) { $1 })
  }

  subscript(name: String) -> [UInt8] { contents[name] ?? [] }

  /// Of those that make the terms of an index, for a hash: each with its name and its length.
  package var indexedBytes: [UInt8] {
    var writer = ByteWriter()
    for name in Self.indexedNames {
      writer.writeLengthPrefixed(name)
      writer.writeLengthPrefixed(self[name])
    }
    return writer.bytes
  }
}
