package import Bytes

/// The files of an index, each of which can print itself.
package enum IndexFileKind: Sendable {
  case run, segment, attributes, manifest, shadow

  /// - Parameter beginning: the file's first 8 bytes.
  package init?(beginning: [UInt8]) {
    switch Array(beginning.prefix(8)) {
    case IndexFileFormat.run.magic: self = .run
    case IndexFileFormat.segment.magic: self = .segment
    case IndexFileFormat.attributes.magic: self = .attributes
    case ShadowState.magic: self = .shadow
    case let magic where Manifest.magics.contains(magic): self = .manifest
    default: return nil
    }
  }

  /// By the name, for a file whose first bytes are damaged.
  package init?(name: String) {
    if name.hasSuffix(IndexFileFormat.run.fileExtension) {
      self = .run
    } else if name.hasSuffix(IndexFileFormat.segment.fileExtension) {
      self = .segment
    } else if name.hasSuffix(IndexFileFormat.attributes.fileExtension) {
      self = .attributes
    } else if name == Manifest.fileName {
      self = .manifest
    } else if name == ShadowState.fileName {
      self = .shadow
    } else {
      return nil
    }
  }

  /// Prints the file, as far as it can be read. Reads only, so that it may run beside a server.
  /// - Throws: `FileError` where the file cannot be read at all; what the output throws.
  package func dump(_ path: String, _ fileSystem: any FileSystem, _ output: DumpOutput) throws {
    switch self {
    case .run: try RunDump(path, fileSystem, output).write()
    case .segment: try SegmentDump(path, fileSystem, output).write()
    case .attributes: try AttributeDump(path, fileSystem, output).write()
    case .manifest: try ManifestDump(output).write(fileSystem.readFile(path))
    case .shadow: try ShadowDump(output).write(fileSystem.readFile(path))
    }
  }
}

extension DumpOutput {
  /// Runs `body`; of damage that it meets says where it is.
  /// - Returns: `nil` where it met some.
  @discardableResult
  func noting<Value>(_ path: String, _ body: () throws -> Value) throws -> Value? {
    do {
      return try body()
    } catch let error as IndexError {
      let start = path + ": "
      try damage(error.message.hasPrefix(start) ? String(error.message.dropFirst(start.count)) : error.message)
    } catch let error as FileError where error.code == .truncated || error.code == .failed {
      try damage(error.message)
    }
    return nil
  }
}

extension UInt64 {
  /// Sixteen hexadecimal digits.
  var hex: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
