import Bytes

/// Walks the blocks of a run that may be damaged: by the fences where they are whole, else from block to block, by what each
/// head says of its own length. Every head carries a checksum, so what is found is what was written.
struct RunScan {
  enum Item {
    case block(offset: UInt64, RunBlockHead, framesOffset: UInt64)
    /// A head that cannot be read, or that is not what the fences say.
    case damage(IndexError)
    /// Without fences nothing behind a damaged head can be found.
    case end(offset: UInt64)
  }

  /// u32 user, u32 first docID, u8 count, u32 bytes of the head.
  private static let fixedByteCount = 13

  private let path: String
  private let file: any File
  private let end: UInt64
  private let fences: RunFences?
  private var offset = UInt64(IndexFileFormat.headerByteCount)
  private var number = 0
  private var isLost = false

  /// - Parameters:
  ///   - end: where the blocks end, or the file where that is not known.
  ///   - fences: `nil` where they cannot be read.
  init(_ path: String, _ file: any File, end: UInt64, fences: RunFences?) {
    self.path = path
    self.file = file
    self.end = end
    self.fences = fences
  }

  mutating func next() throws -> Item? {
    if let fences { return try next(fences) }
    if isLost || offset >= end { return nil }
    do {
      let byteCount = try headByteCount()
      let head = try head(at: offset, byteCount: byteCount)
      let start = offset
      let framesOffset = start + UInt64(byteCount)
      guard head.framesByteCount <= end - framesOffset else {
        throw IndexError.corrupt(path, at: start, "a block beyond the file's end")
      }
      offset = framesOffset + head.framesByteCount
      return .block(offset: start, head, framesOffset: framesOffset)
    } catch is IndexError {
      // Where the end of the blocks is not known, what stands here may be the fences.
      isLost = true
      return .end(offset: offset)
    }
  }

  private mutating func next(_ fences: RunFences) throws -> Item? {
    guard number < fences.blocks.count else { return nil }
    let fence = fences.blocks[number]
    number += 1
    do {
      let head = try head(at: fence.offset, byteCount: Int(fence.headByteCount))
      guard head.user == fence.user, head.framesByteCount == fence.framesByteCount else {
        throw IndexError.corrupt(path, at: fence.offset, "a block that is not what the fences say")
      }
      return .block(offset: fence.offset, head, framesOffset: fence.framesOffset)
    } catch let error as IndexError {
      return .damage(error)
    }
  }

  private func headByteCount() throws -> Int {
    var reader = ByteReader(try read(at: offset, byteCount: Self.fixedByteCount))
    let start = offset
    let byteCount = try IndexError.naming(path, at: start) { () throws(DecodingError) in
      _ = try reader.readBytes(Self.fixedByteCount - 4)
      return try reader.readUInt32()
    }
    guard UInt64(byteCount) <= end - start else {
      throw IndexError.corrupt(path, at: start, "a block head of \(byteCount) bytes")
    }
    return Int(byteCount)
  }

  private func head(at offset: UInt64, byteCount: Int) throws -> RunBlockHead {
    let bytes = try read(at: offset, byteCount: byteCount)
    return try IndexError.naming(path, at: offset) { () throws(DecodingError) in try RunBlockHead(decoding: bytes) }
  }

  private func read(at offset: UInt64, byteCount: Int) throws -> [UInt8] {
    do {
      return try file.readExactly(at: offset, byteCount: byteCount)
    } catch {
      // A sector that cannot be read is damage too.
      throw IndexError.corrupt(path, at: offset, error.message)
    }
  }
}
