import Analysis
import Bytes

/// Prints a run: header, blocks with their records, fences, footer. The blocks are walked from the first one on, each by what
/// its own head says, so that a run whose end is damaged is printed too; with whole fences the walk goes on behind a damaged head.
struct RunDump {
  private let path: String
  private let file: any File
  private let output: DumpOutput
  private let byteCount: UInt64

  init(_ path: String, _ fileSystem: any FileSystem, _ output: DumpOutput) throws {
    self.path = path
    self.output = output
    file = try fileSystem.open(path, .read)
    byteCount = try file.byteCount()
  }

  func write() throws {
    let format = IndexFileFormat.run
    let headerBytes = try file.read(at: 0, byteCount: IndexFileFormat.headerByteCount)
    let header = try output.noting(path) {
      try IndexError.naming(path, at: 0) { () throws(DecodingError) in try format.decodeHeader(headerBytes) }
    }
    try output.line(
      "run" + (header.map { " number \($0.number) analyzers \($0.analyzerHash.hex)" } ?? "") + ", \(byteCount) bytes")
    let footer = try footer()
    let fences = try footer.flatMap { try readFences($0) }
    let records = try writeBlocks(to: footer?.fencesOffset ?? byteCount, fences)
    if let footer, let fences {
      try output.line("\(footer.fencesOffset): fences, \(fences.users.count) users, \(fences.blocks.count) blocks")
      for user in fences.users where output.scope.shows(user) {
        let blocks = fences.blocks(of: UserID(rawValue: user))
        try output.line(
          "  user \(user): \(blocks.count) blocks at " + blocks.map { "\($0.offset)" }.joined(separator: " "))
      }
    }
    if let footer {
      try output.line(
        "\(byteCount - UInt64(IndexFileFormat.footerByteCount)): footer, fences at \(footer.fencesOffset), "
          + "\(footer.recordCount) records, hash \(footer.fileHash.hex)")
      if output.damages.isEmpty, records != footer.recordCount {
        try output.damage(at: byteCount, "expected \(footer.recordCount) records, found \(records)")
      }
      try checkHash(header?.number)
    }
  }

  private func footer() throws -> IndexFileFormat.Footer? {
    let length = UInt64(IndexFileFormat.footerByteCount)
    guard byteCount >= length + UInt64(IndexFileFormat.headerByteCount) else {
      try output.damage(at: byteCount, "the file ends before its footer")
      return nil
    }
    let offset = byteCount - length
    let bytes = try file.read(at: offset, byteCount: Int(length))
    return try output.noting(path) {
      let footer = try IndexError.naming(path, at: offset) { () throws(DecodingError) in
        try IndexFileFormat.run.decodeFooter(bytes)
      }
      guard (UInt64(IndexFileFormat.headerByteCount)...offset).contains(footer.fencesOffset) else {
        throw IndexError.corrupt(path, at: offset, "fences at \(footer.fencesOffset), outside the file")
      }
      return footer
    }
  }

  private func readFences(_ footer: IndexFileFormat.Footer) throws -> RunFences? {
    let end = byteCount - UInt64(IndexFileFormat.footerByteCount)
    let bytes = try file.read(at: footer.fencesOffset, byteCount: Int(end - footer.fencesOffset))
    return try output.noting(path) {
      try IndexError.naming(path, at: footer.fencesOffset) { () throws(DecodingError) in
        try RunFences(
          decoding: bytes, blocksFrom: UInt64(IndexFileFormat.headerByteCount), to: footer.fencesOffset)
      }
    }
  }

  // MARK: Blocks

  /// - Returns: how many records there are.
  private func writeBlocks(to end: UInt64, _ fences: RunFences?) throws -> UInt64 {
    var scan = RunScan(path, file, end: end, fences: fences)
    var count: UInt64 = 0
    while let found = try scan.next() {
      switch found {
      case .damage(let error): _ = try output.noting(path) { throw error }
      case .block(let offset, let head, let framesOffset):
        count += UInt64(head.docIDs.count)
        try write(head, at: offset, framesOffset)
      case .end(let offset):
        try output.damage(at: offset, "what follows cannot be told apart without the fences")
      }
    }
    return count
  }

  private func write(_ head: RunBlockHead, at offset: UInt64, _ framesOffset: UInt64) throws {
    var shown = output.scope.shows(head.user) ? UInt32.max : 0
    if let term = output.scope.term, shown != 0 {
      shown = head.filter.map { $0.documents(for: termHash(Array(term.utf8))) } ?? .max
    }
    if shown != 0 {
      let filter = head.filter.map { "\($0.hashes.count) terms of \($0.bits) bits" } ?? "none"
      try output.line(
        "\(offset): block of user \(head.user), \(head.docIDs.count) documents, head \(framesOffset - offset) bytes, "
          + "frames \(head.framesByteCount) bytes, filter \(filter)")
    }
    for index in head.docIDs.indices {
      let place = framesOffset + head.frameOffsets[index]
      let text = try output.noting(path) {
        try record(
          at: place, byteCount: head.frameOffsets[index + 1] - head.frameOffsets[index],
          checksum: head.frameChecksums[index])
      }
      if let text, shown & 1 << UInt32(index) != 0 {
        try output.line("  \(place): document \(head.docIDs[index]), \(text)")
      }
    }
  }

  private func record(at offset: UInt64, byteCount: UInt64, checksum: UInt32) throws -> String {
    let bytes = try file.readExactly(at: offset, byteCount: Int(byteCount))
    let found = CRC32C.checksum(bytes)
    guard found == checksum else {
      throw IndexError.corrupt(path, at: offset, "checksum of a text record: expected \(checksum), found \(found)")
    }
    do {
      return "\(byteCount) bytes, " + (try EncodedRecord.open(bytes)).digest
    } catch {
      throw IndexError.corrupt(path, at: offset, "a text record: \(error)")
    }
  }

  private func checkHash(_ number: UInt64?) throws {
    guard output.damages.isEmpty, let number else { return }
    let problem = try output.noting(path) {
      try IndexFileEnvelope(file: file, format: .run, number: number).verifyHash(of: file)
    }
    if let problem = problem ?? nil { try output.damage(at: 0, problem.message) }
  }
}

extension ExtractedTextRecord {
  /// Sizes and counts; subjects, names and text stay out of dumps.
  var digest: String {
    let people = [("from", from), ("to", to), ("cc", cc), ("bcc", bcc), ("reply-to", replyTo)]
      .filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.count)" }
    let attachments =
      attachmentNames.isEmpty && attachmentTexts.isEmpty
      ? [] : ["attachments \(attachmentNames.count) with \(attachmentTexts.count) texts"]
    let ids = [messageID.map { _ in "message id" }, listID.map { _ in "list id" }].compactMap { $0 }
    return (["subject \(subject.utf8.count) bytes", "body \(body.utf8.count) bytes"] + people + attachments + ids)
      .joined(separator: ", ")
  }
}
