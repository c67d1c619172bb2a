import Bytes

/// Prints a segment: header, fences, and of each user's part the head, the columns, the dictionary and the postings. Of damaged pages says
/// where they are and what could not be read for them. Without footer or fences nothing tells where parts begin; then each page
/// is checked, and no more can be said.
struct SegmentDump {
  /// Postings of a term that are shown when no term was asked for.
  private static let shownPostings = 8

  let path: String
  private let file: any File
  private let fileSystem: any FileSystem
  let output: DumpOutput
  private let byteCount: UInt64

  init(_ path: String, _ fileSystem: any FileSystem, _ output: DumpOutput) throws {
    self.path = path
    self.fileSystem = fileSystem
    self.output = output
    file = try fileSystem.open(path, .read)
    byteCount = try file.byteCount()
  }

  func write() throws {
    let headerBytes = try file.read(at: 0, byteCount: IndexFileFormat.headerByteCount)
    let header = try output.noting(path) {
      try IndexError.naming(path, at: 0) { () throws(DecodingError) in
        try IndexFileFormat.segment.decodeHeader(headerBytes)
      }
    }
    let start = header.map { " number \($0.number) analyzers \($0.analyzerHash.hex)" } ?? ""
    try output.line("segment\(start), \(byteCount) bytes")
    let opened = try header.flatMap { header in
      try output.noting(path) {
        try SegmentReader(
          fileSystem: fileSystem, path: path, number: header.number, caches: IndexCaches(byteCount: 8 << 20))
      }
    }
    guard let reader = opened else { return try checkPages() }
    try output.line("fences, \(reader.fences.parts.count) users, \(reader.documentCount) documents")
    for fence in reader.fences.parts { try write(fence, reader) }
    // What no part shows, or nobody asked for, is checked too.
    let prefix = path + ": "
    for problem in reader.verify() {
      let message =
        problem.message.hasPrefix(prefix) ? String(problem.message.dropFirst(prefix.count)) : problem.message
      if !output.damages.contains(message) { try output.damage(message) }
    }
  }

  // MARK: Parts

  private func write(_ fence: SegmentFences.Part, _ reader: SegmentReader) throws {
    guard output.scope.shows(fence.user) else { return }
    try output.line(
      "\(fence.offset): part of user \(fence.user), \(fence.documentCount) documents \(fence.firstDocID) to "
        + "\(fence.lastDocID), lists \(fence.listsByteCount) bytes, dictionary \(fence.dictionaryByteCount) bytes, "
        + "columns \(fence.columnsByteCount) bytes, head \(fence.headByteCount) bytes")
    guard let part = try output.noting(path, { try SegmentPart(reader, fence) }) else { return }
    if output.scope.term == nil {
      let shown = part.docIDs.prefix(32).map { "\($0)" }.joined(separator: " ")
      let rest = part.docIDs.count > 32 ? " and \(part.docIDs.count - 32) more" : ""
      try output.line("  documents, newest first: \(shown)\(rest)")
      if !part.truncated.isEmpty {
        try output.line("  not all positions of: " + part.truncated.map { "\($0)" }.joined(separator: " "))
      }
      try writeColumns(of: part)
    }
    if let term = output.scope.term {
      let entry = try output.noting(path) { try part.entry(of: Array(term.utf8)) }
      if let entry = entry ?? nil { try write(Array(term.utf8), entry, part) }
      return
    }
    for block in 0..<part.head.firstTerms.count { try write(block, part) }
  }

  private func write(_ block: Int, _ part: SegmentPart) throws {
    guard var terms = try output.noting(path, { try part.blockReader(block) }) else { return }
    let offset = part.fence.dictionaryOffset + part.head.blockOffsets[block]
    try output.line("  \(offset): dictionary block \(block)")
    while true {
      let next = try output.noting(path) {
        try part.decoding(at: offset) { () throws(DecodingError) in try terms.next() }
      }
      guard let next, let entry = next else { return }
      try write(terms.term, entry, part)
    }
  }

  private func write(_ term: [UInt8], _ entry: TermEntry, _ part: SegmentPart) throws {
    let place =
      switch entry.postings {
      case .lone: "in the dictionary"
      case .list(let offset, let byteCount): "list at \(part.fence.offset + offset), \(byteCount) bytes"
      }
    try output.line("    \(Self.text(term)): \(entry.documentCount) documents, \(place)")
    let limit = output.scope.term == nil ? Self.shownPostings : .max
    try output.noting(path) {
      var cursor = try part.postings(of: entry)
      var count = 0
      while cursor.ordinal != PostingCursor.end, count < limit {
        try output.line("      " + text(of: &cursor, part))
        count += 1
        try cursor.next()
      }
      if cursor.ordinal != PostingCursor.end { try output.line("      and \(entry.documentCount - count) more") }
    }
  }

  private func text(of cursor: inout PostingCursor, _ part: SegmentPart) throws -> String {
    let mask = try cursor.mask()
    let (counts, positions) = try cursor.allOccurrences()
    var text = "document \(part.docIDs[Int(cursor.ordinal)])"
    var place = positions.startIndex
    for (field, count) in zip((0..<16).filter { mask & 1 << UInt16($0) != 0 }, counts) {
      let name = RecordField(rawValue: UInt8(field)).map { "\($0)" } ?? "field \(field)"
      let list = positions[place..<place + Int(count)]
      let shown = list.prefix(output.scope.term == nil ? 4 : 64).map { "\($0)" }.joined(separator: " ")
      text += ", \(name) at \(shown)" + (list.count > (output.scope.term == nil ? 4 : 64) ? " …" : "")
      place += Int(count)
    }
    return text
  }

  /// A term as text; of bytes that are none, which Message-IDs begin with, their numbers.
  private static func text(_ term: [UInt8]) -> String {
    term.first == 0 ? "\\0" + String(decoding: term.dropFirst(), as: UTF8.self) : String(decoding: term, as: UTF8.self)
  }

  // MARK: Pages

  private func checkPages() throws {
    let (page, checksum) = (PagedWriter.pageByteCount, PagedWriter.checksumByteCount)
    var offset = UInt64(IndexFileFormat.headerByteCount)
    var count = 0
    while offset + UInt64(page + checksum) <= byteCount {
      let bytes = try file.readExactly(at: offset, byteCount: page + checksum)
      var trailer = ByteReader(bytes[page...])
      if try trailer.readUInt32() == CRC32C.checksum(bytes[..<page]) { count += 1 }
      offset += UInt64(page + checksum)
    }
    try output.line("\(count) whole pages; without header, footer and fences nothing tells whose they are")
  }
}
