import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct IndexDumpTests {
  private let disk = CrashableFileSystem()

  private func dump(
    _ path: String, user: UInt32? = nil, term: String? = nil
  ) throws -> (lines: [String], damages: [String]) {
    var lines: [String] = []
    let output = DumpOutput(DumpOutput.Scope(user: user.map { UserID(rawValue: $0) }, term: term)) { lines.append($0) }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let beginning = try disk.readFile(path)
    let kind = try #require(IndexFileKind(beginning: beginning) ?? IndexFileKind(name: name))
    try kind.dump(path, disk, output)
    return (lines, output.damages)
  }

  private func flip(_ path: String, at offset: Int) throws {
    let bytes = try disk.readFile(path)
    try disk.open(path, .readWrite).write([bytes[offset] ^ 4], at: UInt64(offset))
  }

  // MARK: Segments

  @Test func `a segment prints its parts, dictionaries and postings`() throws {
    try SegmentTests.write(disk)
    let (lines, damages) = try dump("d/0000000007.seg")
    #expect(damages == [])
    #expect(
      lines == [
        "segment number 7 analyzers 1122334455667788, 261 bytes",
        "fences, 2 users, 4 documents",
        "0: part of user 3, 3 documents 7 to 9, lists 11 bytes, dictionary 19 bytes, columns 68 bytes, "
          + "head 29 bytes",
        "  documents, newest first: 9 7 8",
        "  30: columns, senders 39 bytes, subjects 21 bytes, kinds 5 bytes, lengths 3 bytes",
        "    document 9: sender al@x.example (al), subject budget, pdf, 30 words",
        "    document 7: sender bo@x.example, subject plan fo…, no files, 9 words",
        "    document 8: sender al@x.example (al), subject budget, no files, 10 words",
        "  11: dictionary block 0",
        "    budget: 2 documents, list at 0, 11 bytes",
        "      document 9, subject at 0",
        "      document 8, subject at 1, body at 4 9",
        "    budgets: 1 documents, in the dictionary",
        "      document 7, body at 3 7",
        "127: part of user 4, 1 documents 1 to 1, lists 0 bytes, dictionary 9 bytes, columns 15 bytes, "
          + "head 21 bytes",
        "  documents, newest first: 1",
        "  136: columns, senders 8 bytes, subjects 3 bytes, kinds 3 bytes, lengths 1 bytes",
        "    document 1: no sender, no subject, no files, 0 words",
        "  127: dictionary block 0",
        "    hi: 1 documents, in the dictionary",
        "      document 1, subject at 0",
      ])
    let narrow = try dump("d/0000000007.seg", user: 3, term: "budgets").lines
    #expect(
      narrow.suffix(2) == ["    budgets: 1 documents, in the dictionary", "      document 7, body at 3 7"])
    #expect(narrow.count == 5)
  }

  @Test func `every flipped bit of a segment is told with its place, and no dump traps`() throws {
    try SegmentTests.write(disk)
    let bytes = try disk.readFile("d/0000000007.seg")
    for (offset, flipped) in flips(of: bytes) {
      try disk.replaceFile("d/0000000007.seg", with: flipped)
      let damages = try dump("d/0000000007.seg").damages
      #expect(!damages.isEmpty, "at \(offset)")
      #expect(damages.allSatisfy { $0.contains("byte") || $0.contains("hash") }, "at \(offset): \(damages)")
    }
  }

  // MARK: Runs

  private func writeRuns() throws -> ShardIndex {
    let analyzers = try AnalyzerSet.builtIn()
    let index = try ShardIndex.openForTest(disk)
    for docID in 1...3 as ClosedRange<UInt32> {
      index.commit(UInt64(docID), (1...2).map { Samples.add($0, docID, "mail \($0) \(docID)", analyzers) })
    }
    try index.flush()
    return index
  }

  @Test func `a run prints its blocks and records, and no word of what is in them`() throws {
    _ = try writeRuns()
    let (lines, damages) = try dump("index/0000000001.run")
    #expect(damages == [])
    #expect(lines[0].hasPrefix("run number 1 analyzers "))
    #expect(lines[1].hasPrefix("28: block of user 1, 3 documents, head ") && lines[1].contains("filter "))
    #expect(
      lines[2].hasSuffix("bytes, subject 8 bytes, body 0 bytes, from 1, to 1, message id")
        && lines[2].contains(": document 1, "))
    #expect(lines.count { $0.contains(": document ") } == 6)
    #expect(lines.contains { $0.hasPrefix("  user 2: 1 blocks at ") })
    #expect(lines.last?.contains("footer, fences at ") == true && lines.last?.contains(" 6 records") == true)
    #expect(!lines.contains { $0.contains("mail") || $0.contains("example") })
    #expect(try dump("index/0000000001.run", user: 2).lines.count { $0.contains(": document ") } == 3)
    #expect(try dump("index/0000000001.run", user: 2, term: "3").lines.count { $0.contains(": document ") } == 1)
  }

  @Test func `a damaged run is printed as far as it can be read, and its damage has a place`() throws {
    let index = try writeRuns()
    let path = "index/0000000001.run"
    let run = index.state.withLock { $0.version }.runs[0]
    let block = try #require(run.fences.blocks(of: UserID(rawValue: 1)).first)
    let bytes = try disk.readFile(path)
    try flip(path, at: Int(block.framesOffset))
    var dumped = try dump(path)
    #expect(dumped.damages.count == 1 && dumped.damages[0].hasPrefix("at byte \(block.framesOffset): checksum"))
    #expect(dumped.lines.count { $0.contains(": document ") } == 5)
    // The head of the first block: by the fences the second is still found.
    try disk.replaceFile(path, with: bytes)
    try flip(path, at: 30)
    dumped = try dump(path)
    #expect(dumped.damages.count == 1 && dumped.damages[0].hasPrefix("at byte 28: "))
    #expect(dumped.lines.count { $0.contains(": document ") } == 3)
    // The end is gone: the blocks are found one after another.
    try disk.replaceFile(path, with: Array(bytes.dropLast(50)))
    dumped = try dump(path)
    #expect(dumped.damages.count == 2)
    #expect(dumped.lines.count { $0.contains(": document ") } == 6)
  }

  @Test func `every flipped bit of a run is told, and no dump traps`() throws {
    _ = try writeRuns()
    let bytes = try disk.readFile("index/0000000001.run")
    for (offset, flipped) in flips(of: bytes, every: 3) {
      try disk.replaceFile("index/0000000001.run", with: flipped)
      #expect(try !dump("index/0000000001.run").damages.isEmpty, "at \(offset)")
    }
  }

  // MARK: Manifests and rebuilds

  @Test func `a manifest prints what it lists, also when it is damaged`() throws {
    var manifest = Manifest()
    manifest.editNumber = 5
    manifest.appliedSequence = SequenceNumber(rawValue: 9)
    manifest.reservedThrough = 64
    manifest.runs = [.init(number: 2, byteCount: 100, recordCount: 3, analyzerHash: 0xAB)]
    manifest.segments = [.init(number: 3, byteCount: 200, recordCount: 2, analyzerHash: 0xAB)]
    manifest.removedUsers = [UserID(rawValue: 4)]
    manifest.replaced = [UserID(rawValue: 5): DocIDBitmap([DocID(rawValue: 7)])]
    try disk.createDirectory("index")
    try disk.replaceFile("index/manifest", with: manifest.encode())
    let entries = [
      "edit 5, applied #9, numbers reserved through 64",
      "run 2: 100 bytes, 3 documents, analyzers 00000000000000ab",
      "segment 3: 200 bytes, 2 documents, analyzers 00000000000000ab",
    ]
    #expect(
      try dump("index/manifest").lines
        == ["manifest, \(manifest.encode().count) bytes, version 3"] + entries + [
          "removed user 4", "replaced in segments: user 5, documents 7",
        ])
    try flip("index/manifest", at: manifest.encode().count - 1)
    let (lines, damages) = try dump("index/manifest")
    #expect(damages.count == 1 && damages[0].hasPrefix("at byte 0: manifest checksum"))
    #expect(lines.suffix(3) == entries[...])
  }

  @Test func `the state of a rebuild prints itself`() throws {
    let state = ShadowState(
      scope: .user(UserID(rawValue: 3)), isFromSource: true, analyzerHash: 1, pinned: [1, 2], finishedRuns: [5],
      lastUser: UserID(rawValue: 3))
    try disk.createDirectory("index")
    try disk.replaceFile("index/shadow", with: state.encode())
    let lines = try dump("index/shadow").lines
    #expect(
      lines == [
        "shadow build of user 3, from the originals", "analyzers 0000000000000001", "built on runs 1 2",
        "finished runs 5", "finished segments none", "last user 3", "done: 0 users, 0 records, 0 bytes of text",
      ])
    try flip("index/shadow", at: 12)
    #expect(try dump("index/shadow").damages == ["at byte 0: shadow state checksum"])
  }
}
