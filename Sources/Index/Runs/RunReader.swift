import Bytes

/// One open run. Immutable but for the file descriptor it keeps: a snapshot that holds the reader reads on, also after
/// the file's name is gone. Calls block on reads and may run on any thread.
final class RunReader: Sendable {
  let number: UInt64
  let analyzerHash: UInt64
  let byteCount: UInt64
  let recordCount: UInt64
  let fences: RunFences
  private let fileHash: UInt64
  private let fencesOffset: UInt64
  private let file: any File

  var path: String { file.path }

  /// Reads header, footer and fences.
  /// - Throws: `IndexError` with code `.corrupt`, naming the file, where the bytes are not a run.
  init(fileSystem: any FileSystem, directory: String, number: UInt64) throws {
    let path = directory + "/" + RunFormat.fileName(number)
    file = try fileSystem.open(path, .read)
    byteCount = try file.byteCount()
    let least = UInt64(RunFormat.headerByteCount + RunFormat.footerByteCount)
    guard byteCount >= least else {
      throw IndexError.corrupt(path, at: 0, "expected a run of at least \(least) bytes, found \(byteCount)")
    }
    let headerBytes = try file.readExactly(at: 0, byteCount: RunFormat.headerByteCount)
    let header = try Self.decoding(path, 0) { () throws(DecodingError) in try RunFormat.decodeHeader(headerBytes) }
    guard header.number == number else {
      throw IndexError.corrupt(path, at: 8, "expected run number \(number), found \(header.number)")
    }
    let footerOffset = byteCount - UInt64(RunFormat.footerByteCount)
    let footerBytes = try file.readExactly(at: footerOffset, byteCount: RunFormat.footerByteCount)
    let footer = try Self.decoding(path, footerOffset) { () throws(DecodingError) in
      try RunFormat.decodeFooter(footerBytes)
    }
    let blocksOffset = UInt64(RunFormat.headerByteCount)
    guard (blocksOffset...footerOffset).contains(footer.fencesOffset) else {
      throw IndexError.corrupt(path, at: footerOffset, "fences at \(footer.fencesOffset), outside the file")
    }
    let fenceBytes = try file.readExactly(
      at: footer.fencesOffset, byteCount: Int(footerOffset - footer.fencesOffset))
    fences = try Self.decoding(path, footer.fencesOffset) { () throws(DecodingError) in
      try RunFences(decoding: fenceBytes, blocksFrom: blocksOffset, to: footer.fencesOffset)
    }
    self.number = number
    analyzerHash = header.analyzerHash
    recordCount = footer.recordCount
    fileHash = footer.fileHash
    fencesOffset = footer.fencesOffset
  }

  func readHead(_ block: RunFences.Block) throws -> RunBlockHead {
    let bytes = try read(at: block.offset, byteCount: Int(block.headByteCount))
    return try decodeHead(block, bytes)
  }

  /// The heads of neighbouring blocks. Where the frames between them are small, one read fetches all.
  func readHeads(_ blocks: ArraySlice<RunFences.Block>) throws -> [RunBlockHead] {
    guard let first = blocks.first, let last = blocks.last, blocks.count > 1 else {
      return try blocks.map(readHead)
    }
    let byteCount = last.framesOffset - first.offset
    guard byteCount <= 64 << 10 else { return try blocks.map(readHead) }
    let bytes = try read(at: first.offset, byteCount: Int(byteCount))
    return try blocks.map { block in
      let start = Int(block.offset - first.offset)
      return try decodeHead(block, Array(bytes[start..<start + Int(block.headByteCount)]))
    }
  }

  /// The frame of the block's document `index`, checked.
  func readFrame(_ block: RunFences.Block, _ head: RunBlockHead, _ index: Int) throws -> [UInt8] {
    let offset = block.framesOffset + head.frameOffsets[index]
    let bytes = try read(
      at: offset, byteCount: Int(head.frameOffsets[index + 1] - head.frameOffsets[index]))
    let found = CRC32C.checksum(bytes)
    guard found == head.frameChecksums[index] else {
      throw IndexError.corrupt(
        path, at: offset,
        "checksum of the text record of user \(block.user), document \(head.docIDs[index]): "
          + "expected \(head.frameChecksums[index]), found \(found)")
    }
    return bytes
  }

  /// Reads every byte and checks every checksum.
  func verify() -> [IndexProblem] {
    var problems: [IndexProblem] = []
    var records: UInt64 = 0
    for block in fences.blocks {
      do {
        let head = try readHead(block)
        records += UInt64(head.docIDs.count)
        for index in head.docIDs.indices {
          do {
            _ = try EncodedRecord.open(readFrame(block, head, index))
          } catch {
            problems.append(
              IndexProblem(
                file: path, user: UserID(rawValue: block.user), docID: DocID(rawValue: head.docIDs[index]),
                message: "\(error)"))
          }
        }
      } catch {
        problems.append(
          IndexProblem(file: path, user: UserID(rawValue: block.user), docID: nil, message: "\(error)"))
      }
    }
    if problems.isEmpty && records != recordCount {
      problems.append(
        IndexProblem(file: path, user: nil, docID: nil, message: "expected \(recordCount) records, found \(records)"))
    }
    if let problem = verifyFileHash() { problems.append(problem) }
    return problems
  }

  private func verifyFileHash() -> IndexProblem? {
    do {
      var hash = FileHash()
      var offset: UInt64 = 0
      let end = byteCount - UInt64(RunFormat.footerByteCount)
      while offset < end {
        let bytes = try file.readExactly(at: offset, byteCount: Int(min(1 << 20, end - offset)))
        hash.update(bytes)
        offset += UInt64(bytes.count)
      }
      if hash.value == fileHash { return nil }
      return IndexProblem(
        file: path, user: nil, docID: nil, message: "hash of the file: expected \(fileHash), found \(hash.value)")
    } catch {
      return IndexProblem(file: path, user: nil, docID: nil, message: "\(error)")
    }
  }

  /// A run that ends early or cannot be read is damage, named as such.
  private func read(at offset: UInt64, byteCount: Int) throws(IndexError) -> [UInt8] {
    do {
      return try file.readExactly(at: offset, byteCount: byteCount)
    } catch {
      throw IndexError.corrupt(path, at: offset, error.message)
    }
  }

  private func decodeHead(_ block: RunFences.Block, _ bytes: [UInt8]) throws -> RunBlockHead {
    let head = try Self.decoding(path, block.offset) { () throws(DecodingError) in try RunBlockHead(decoding: bytes) }
    guard head.user == block.user, head.docIDs.first == block.firstDocID, head.docIDs.last == block.lastDocID,
      head.framesByteCount == block.framesByteCount
    else {
      throw IndexError.corrupt(
        path, at: block.offset,
        "expected a block of user \(block.user), documents \(block.firstDocID) to \(block.lastDocID), "
          + "found user \(head.user), \(head.docIDs.first ?? 0) to \(head.docIDs.last ?? 0)")
    }
    return head
  }

  private static func decoding<Value>(
    _ path: String, _ offset: UInt64, _ body: () throws(DecodingError) -> Value
  ) throws(IndexError) -> Value {
    do {
      return try body()
    } catch {
      throw IndexError.corrupt(path, at: offset + UInt64(error.offset), error.message)
    }
  }
}
