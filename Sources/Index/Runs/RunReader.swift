import Bytes

/// One open run. Immutable but for the file descriptor it keeps: a snapshot that holds the reader reads on, also after
/// the file's name is gone. Calls block on reads and may run on any thread.
final class RunReader: Sendable {
  let number: UInt64
  let analyzerHash: UInt64
  let byteCount: UInt64
  let recordCount: UInt64
  let fences: RunFences
  private let envelope: IndexFileEnvelope
  private let file: any File

  var path: String { file.path }

  /// Reads header, footer and fences.
  /// - Throws: `IndexError` with code `.corrupt`, naming the file, where the bytes are not a run.
  init(fileSystem: any FileSystem, directory: String, number: UInt64) throws {
    let path = directory + "/" + IndexFileFormat.run.fileName(number)
    file = try fileSystem.open(path, .read)
    let envelope = try IndexFileEnvelope(file: file, format: .run, number: number)
    let fencesOffset = envelope.footer.fencesOffset
    let fenceBytes = try file.readExactly(at: fencesOffset, byteCount: envelope.fencesByteCount)
    fences = try IndexError.naming(path, at: fencesOffset) { () throws(DecodingError) in
      try RunFences(decoding: fenceBytes, blocksFrom: UInt64(IndexFileFormat.headerByteCount), to: fencesOffset)
    }
    self.number = number
    self.envelope = envelope
    byteCount = envelope.byteCount
    analyzerHash = envelope.header.analyzerHash
    recordCount = envelope.footer.recordCount
  }

  /// - Parameter withFilter: see `RunBlockHead.init(decoding:withFilter:)`.
  func readHead(_ block: RunFences.Block, withFilter: Bool = true) throws -> RunBlockHead {
    let bytes = try read(at: block.offset, byteCount: Int(block.headByteCount))
    return try decodeHead(block, bytes, withFilter: withFilter)
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
    if let problem = envelope.verifyHash(of: file) { problems.append(problem) }
    return problems
  }

  /// A run that ends early or cannot be read is damage, named as such.
  func read(at offset: UInt64, byteCount: Int) throws(IndexError) -> [UInt8] {
    do {
      return try file.readExactly(at: offset, byteCount: byteCount)
    } catch {
      throw IndexError.corrupt(path, at: offset, error.message)
    }
  }

  private func decodeHead(_ block: RunFences.Block, _ bytes: [UInt8], withFilter: Bool) throws -> RunBlockHead {
    let head = try IndexError.naming(path, at: block.offset) { () throws(DecodingError) in
      try RunBlockHead(decoding: bytes, withFilter: withFilter)
    }
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
}
