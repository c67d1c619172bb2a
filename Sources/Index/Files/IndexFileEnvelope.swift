import Bytes

/// Header and footer of a run or segment, read and checked when the file is opened.
struct IndexFileEnvelope {
  let header: IndexFileFormat.Header
  let footer: IndexFileFormat.Footer
  let byteCount: UInt64
  /// What lies between header and footer, fences and all.
  var fencesByteCount: Int { Int(footerOffset - footer.fencesOffset) }
  /// What lies between header and fences.
  var contentByteCount: UInt64 { footer.fencesOffset - UInt64(IndexFileFormat.headerByteCount) }
  private let format: IndexFileFormat
  private let footerOffset: UInt64

  /// - Throws: `IndexError` with code `.corrupt`, naming the file, where the bytes are no such file, `.outdated` where an earlier version wrote
  ///   it; `FileError`.
  init(file: any File, format: IndexFileFormat, number: UInt64?) throws {
    let path = file.path
    self.format = format
    byteCount = try file.byteCount()
    let least = UInt64(IndexFileFormat.headerByteCount + IndexFileFormat.footerByteCount)
    guard byteCount >= least else {
      throw IndexError.corrupt(path, at: 0, "expected at least \(least) bytes, found \(byteCount)")
    }
    let headerBytes = try file.readExactly(at: 0, byteCount: IndexFileFormat.headerByteCount)
    if format.isOutdated(headerBytes) {
      throw IndexError(code: .outdated, message: "\(path) is of an earlier version")
    }
    header = try IndexError.naming(path, at: 0) { () throws(DecodingError) in try format.decodeHeader(headerBytes) }
    if let number, header.number != number {
      throw IndexError.corrupt(path, at: 8, "expected file number \(number), found \(header.number)")
    }
    footerOffset = byteCount - UInt64(IndexFileFormat.footerByteCount)
    let footerBytes = try file.readExactly(at: footerOffset, byteCount: IndexFileFormat.footerByteCount)
    footer = try IndexError.naming(path, at: footerOffset) { () throws(DecodingError) in
      try format.decodeFooter(footerBytes)
    }
    guard (UInt64(IndexFileFormat.headerByteCount)...footerOffset).contains(footer.fencesOffset) else {
      throw IndexError.corrupt(path, at: footerOffset, "fences at \(footer.fencesOffset), outside the file")
    }
  }

  /// Reads every byte and compares with the footer's hash, and the footer with what it was when the file was opened.
  func verifyHash(of file: any File) -> IndexProblem? {
    do {
      var hash = FileHash()
      var offset: UInt64 = 0
      while offset < footerOffset {
        let bytes = try file.readExactly(at: offset, byteCount: Int(min(1 << 20, footerOffset - offset)))
        hash.update(bytes)
        offset += UInt64(bytes.count)
      }
      let end = try file.readExactly(at: footerOffset, byteCount: IndexFileFormat.footerByteCount)
      guard end == format.encode(footer) else {
        throw IndexError.corrupt(file.path, at: footerOffset, "the footer is not what it was")
      }
      if hash.value == footer.fileHash { return nil }
      return IndexProblem(
        file: file.path, user: nil, docID: nil,
        message: "hash of the file: expected \(footer.fileHash), found \(hash.value)")
    } catch {
      return IndexProblem(file: file.path, user: nil, docID: nil, message: "\(error)")
    }
  }
}
