import Bytes

/// One open attribute file. Immutable but for the file descriptor it keeps: who holds the reader reads on, also after the file's
/// name is gone. Calls block on reads and may run on any thread.
///
/// A dumper walks `fences` and asks for each part's rows:
///
///     for index in 0..<file.fences.count {
///       var rows = try AttributePartReader(file, file.fences[index])
///       while let block = try rows.next() { … block.docIDs[row], block.attributes(row) … }
///     }
final class AttributeFileReader: Sendable {
  let number: UInt64
  let byteCount: UInt64
  let rowCount: UInt64
  let fences: AttributeFences
  private let envelope: IndexFileEnvelope
  private let pages: PagedReader
  private let file: any File

  var path: String { file.path }

  /// Reads header, footer and fences.
  /// - Throws: `IndexError` with code `.corrupt`, naming the file, where the bytes are no attribute file; `FileError`.
  /// - Parameter number: what the header must say; `nil` for what it says.
  convenience init(fileSystem: any FileSystem, directory: String, number: UInt64) throws {
    let path = directory + "/" + IndexFileFormat.attributes.fileName(number)
    try self.init(fileSystem: fileSystem, path: path, number: number)
  }

  init(fileSystem: any FileSystem, path: String, number: UInt64? = nil) throws {
    let format = IndexFileFormat.attributes
    file = try fileSystem.open(path, .read)
    let envelope = try IndexFileEnvelope(file: file, format: format, number: number)
    let pages = try PagedReader(
      file, from: UInt64(IndexFileFormat.headerByteCount), byteCount: envelope.contentByteCount)
    let fenceBytes = try file.readExactly(at: envelope.footer.fencesOffset, byteCount: envelope.fencesByteCount)
    fences = try IndexError.naming(path, at: envelope.footer.fencesOffset) { () throws(DecodingError) in
      try AttributeFences(decoding: fenceBytes, streamByteCount: pages.streamByteCount)
    }
    self.number = envelope.header.number
    self.envelope = envelope
    self.pages = pages
    byteCount = envelope.byteCount
    rowCount = envelope.footer.recordCount
  }

  /// Bytes of the stream, checked.
  func read(at offset: UInt64, byteCount: Int) throws -> [UInt8] { try pages.read(at: offset, byteCount: byteCount) }

  /// Reads every byte and checks every checksum, and that every part can be read.
  func verify() -> [IndexProblem] {
    var problems: [IndexProblem] = []
    var rows: UInt64 = 0
    for index in 0..<fences.count {
      let fence = fences[index]
      do {
        var part = try AttributePartReader(self, fence)
        while let block = try part.next() { rows += UInt64(block.count) }
      } catch {
        problems.append(IndexProblem(file: path, user: fence.user, docID: nil, message: "\(error)"))
      }
    }
    if problems.isEmpty && rows != rowCount {
      problems.append(
        IndexProblem(file: path, user: nil, docID: nil, message: "expected \(rowCount) rows, found \(rows)"))
    }
    if let problem = envelope.verifyHash(of: file) { problems.append(problem) }
    return problems
  }
}
