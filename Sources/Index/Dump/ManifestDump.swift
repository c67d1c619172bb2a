import Bytes

/// Prints a manifest. One whose checksum is wrong is printed as far as its fields can be read: what is said there is a hint.
struct ManifestDump {
  private let output: DumpOutput

  init(_ output: DumpOutput) { self.output = output }

  func write(_ bytes: [UInt8]) throws {
    do {
      let manifest = try Manifest.decode(bytes)
      let version = Manifest.magics.firstIndex(of: Array(bytes[..<8])).map { "version \($0 + 1)" } ?? "unknown version"
      try output.line("manifest, \(bytes.count) bytes, \(version)")
      return try write(manifest)
    } catch let error as DecodingError {
      try output.damage(at: UInt64(error.offset), error.message)
    }
    guard bytes.count > 12 else { return }
    try output.line("what can be read of it:")
    do {
      try writeFields(bytes)
    } catch let error as DecodingError {
      try output.damage(at: UInt64(8 + error.offset), error.message)
    }
  }

  private func write(_ manifest: Manifest) throws {
    try output.line(
      "edit \(manifest.editNumber), applied \(manifest.appliedSequence), numbers reserved through \(manifest.reservedThrough)"
    )
    for entry in manifest.runs { try write("run", entry) }
    for entry in manifest.segments {
      try write("segment", entry)
      for user in entry.voidedUsers where output.scope.shows(user.rawValue) {
        try output.line("  voided: user \(user.rawValue)")
      }
    }
    for entry in manifest.attributeFiles { try write("attribute file", entry) }
    for user in manifest.removedUsers where output.scope.shows(user.rawValue) {
      try output.line("removed user \(user.rawValue)")
    }
    for (user, documents) in manifest.replaced.sorted(by: { $0.key < $1.key }) where output.scope.shows(user.rawValue) {
      let list = documents.docIDs.prefix(64).map { "\($0.rawValue)" }.joined(separator: " ")
      let rest = documents.count > 64 ? " and \(documents.count - 64) more" : ""
      try output.line("replaced in segments: user \(user.rawValue), documents \(list)\(rest)")
    }
  }

  private func write(_ kind: String, _ entry: Manifest.Entry) throws {
    try output.line(
      "\(kind) \(entry.number): \(entry.byteCount) bytes, \(entry.recordCount) documents, analyzers \(entry.analyzerHash.hex)"
    )
  }

  /// Of the fields up to the first that cannot be.
  private func writeFields(_ bytes: [UInt8]) throws {
    var reader = ByteReader(bytes[8..<(bytes.count - 4)])
    try output.line(
      "edit \(try reader.readUInt64()), applied #\(try reader.readUInt64()), "
        + "numbers reserved through \(try reader.readUInt64())")
    for kind in bytes[6] == UInt8(ascii: "1") ? ["run"] : ["run", "segment"] {
      for _ in 0..<(try reader.readCount()) {
        try write(
          kind,
          Manifest.Entry(
            number: try reader.readVarint(), byteCount: try reader.readVarint(), recordCount: try reader.readVarint(),
            analyzerHash: try reader.readUInt64()))
        guard kind == "segment", bytes[6] > UInt8(ascii: "2") else { continue }
        for _ in 0..<(try reader.readCount()) { try output.line("  voided: user \(try reader.readVarint())") }
      }
    }
  }
}

/// Prints how far a rebuild of the index came.
struct ShadowDump {
  private let output: DumpOutput

  init(_ output: DumpOutput) { self.output = output }

  func write(_ bytes: [UInt8]) throws {
    do {
      let state = try ShadowState.decode(bytes)
      let scope = if case .user(let user) = state.scope { "user \(user.rawValue)" } else { "all users" }
      try output.line("shadow build of \(scope), from \(state.isFromSource ? "the originals" : "the text records")")
      try output.line("analyzers \(state.analyzerHash.hex)")
      try output.line("built on runs " + Self.list(state.pinned))
      try output.line("finished runs " + Self.list(state.finishedRuns))
      try output.line("finished segments " + Self.list(state.finishedSegments))
      try output.line("last user " + (state.lastUser.map { "\($0.rawValue)" } ?? "none"))
      let progress = state.progress
      try output.line(
        "done: \(progress.users) users, \(progress.records) records, \(progress.textByteCount) bytes of text")
    } catch let error as DecodingError {
      try output.damage(at: UInt64(error.offset), error.message)
    }
  }

  private static func list(_ numbers: [UInt64]) -> String {
    numbers.isEmpty ? "none" : numbers.map { "\($0)" }.joined(separator: " ")
  }
}
