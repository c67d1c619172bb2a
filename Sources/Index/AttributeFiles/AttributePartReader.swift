import Bytes

/// Reads one user's part of an attribute file from its beginning to its end, a block at a time. A small part is one read; of a
/// large one no more than a quarter of a mebibyte, or a block, is in memory.
struct AttributePartReader {
  private static let readByteCount = 256 << 10

  /// Of the user's last change that the part knows of.
  let sequence: SequenceNumber
  let isBase: Bool
  private let file: AttributeFileReader
  private let user: UserID
  private let end: UInt64
  /// Where the bytes after `bytes` lie in the stream.
  private var offset: UInt64
  private var bytes: ArraySlice<UInt8> = []
  private var lastDocID: UInt32?

  /// - Throws: `IndexError` with code `.corrupt`; `FileError`.
  init(_ file: AttributeFileReader, _ fence: AttributeFences.Part) throws {
    self.file = file
    user = fence.user
    isBase = fence.isBase
    end = fence.offset + fence.byteCount
    let byteCount = Int(min(fence.byteCount, UInt64(Self.readByteCount)))
    let first = try file.read(at: fence.offset, byteCount: byteCount)
    offset = fence.offset + UInt64(byteCount)
    var reader = ByteReader(first)
    let (user, sequence) = try IndexError.naming(file.path, at: fence.offset) { () throws(DecodingError) in
      (try reader.readVarint(), SequenceNumber(rawValue: try reader.readVarint()))
    }
    guard user == UInt64(fence.user.rawValue) else {
      throw IndexError.corrupt(file.path, at: fence.offset, "expected the part of user \(fence.user), found \(user)")
    }
    self.sequence = sequence
    bytes = first[reader.offset...]
  }

  /// The next rows; `nil` at the end.
  mutating func next() throws -> AttributeBlock? {
    if bytes.isEmpty && offset == end { return nil }
    // A length takes no more than five bytes where the block fits into the part.
    try fill(5)
    let place = offset - UInt64(bytes.count)
    var reader = ByteReader(bytes)
    let byteCount = try IndexError.naming(file.path, at: place) { () throws(DecodingError) in try reader.readVarint() }
    bytes = bytes.dropFirst(reader.offset)
    guard byteCount <= UInt64(bytes.count) + (end - offset) else {
      throw IndexError.corrupt(file.path, at: place, "\(byteCount) bytes of rows, beyond the part's end")
    }
    try fill(Int(byteCount))
    let last = lastDocID
    let body = bytes.prefix(Int(byteCount))
    bytes = bytes.dropFirst(Int(byteCount))
    let block = try IndexError.naming(file.path, at: place) { () throws(DecodingError) in
      try AttributeBlock(decoding: body, after: last)
    }
    if isBase, block.states.contains(AttributeBlock.removed) {
      throw IndexError.corrupt(file.path, at: place, "a base of user \(user) with a removed document")
    }
    lastDocID = block.docIDs.last
    return block
  }

  /// Reads on until so many bytes are there, or all that are left.
  private mutating func fill(_ byteCount: Int) throws {
    let missing = byteCount - bytes.count
    guard missing > 0, offset < end else { return }
    let more = Int(min(UInt64(max(missing, Self.readByteCount)), end - offset))
    bytes = bytes + (try file.read(at: offset, byteCount: more))
    offset += UInt64(more)
  }
}
