import Bytes

/// Prints a pack file or a receive log: both copies of the header, then each frame with what kind of record it holds. Goes on
/// behind damage at the next whole frame. Addresses, subjects and content stay out of it.
struct PackDump {
  private static let recordLimit = 256 << 20

  private let path: String
  private let file: any File
  private let output: DumpOutput

  init(_ path: String, _ fileSystem: any FileSystem, _ output: DumpOutput) throws {
    self.path = path
    self.output = output
    file = try fileSystem.open(path, .read)
  }

  func write() throws {
    let bytes = try file.read(at: 0, byteCount: Int(PackHeader.endOffset))
    var header: PackHeader?
    for offset in PackHeader.copyOffsets {
      do throws(PackProblem) {
        let copy = try PackHeader(copyAt: offset, of: bytes, file: path)
        header = header ?? copy
      } catch {
        try output.damage(error)
      }
    }
    guard let header else { return try output.line("nothing more can be told without the salt in the header") }
    try output.line("pack version \(header.version) number \(header.number), \(try file.byteCount()) bytes")
    try writeFrames(PackFile(number: header.number, salt: header.salt, file: file, path: path))
  }

  private func writeFrames(_ pack: PackFile) throws {
    var scanner = try PackScanner(pack)
    var count = 0
    var byteCount: UInt64 = 0
    while let item = try scanner.next() {
      switch item {
      case .damage(let problem, let byteCount): try output.damage(problem, "; \(byteCount) bytes passed over")
      case .frame(let header, let offset, let payload):
        count += 1
        byteCount += UInt64(header.frameByteCount)
        try write(header, at: offset, payload)
      }
    }
    try output.line("\(scanner.offset): end, \(count) frames of \(byteCount) bytes")
  }

  private func write(_ header: PackFrame.Header, at offset: UInt64, _ payload: ArraySlice<UInt8>) throws {
    let kind = PackRecord.Kind(rawValue: header.kind).map { "\($0)" } ?? "kind \(header.kind)"
    let encoding = PackFrame.Encoding(rawValue: header.encoding).map { "\($0)" } ?? "encoding \(header.encoding)"
    try output.line(
      "\(offset): \(kind), \(header.frameByteCount) bytes, \(encoding) of \(header.plainByteCount) bytes, "
        + "\(header.batchOffset) from the write's first")
    do throws(PackFrame.Damage) {
      _ = try PackRecord(header: header, payload: payload, limit: Self.recordLimit)
    } catch {
      try output.damage(at: offset, "expected \(error.expected), found \(error.found)")
    }
  }
}

extension DumpOutput {
  fileprivate func damage(_ problem: PackProblem, _ more: String = "") throws {
    try damage(at: problem.offset, "expected \(problem.expected), found \(problem.found)\(more)")
  }
}
