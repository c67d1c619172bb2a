import Bytes

/// A file to import, read front to back in chunks; `.zst` files are decompressed on the way, a piece at a time, so that
/// no file takes more memory than a chunk and a window.
final class ByteSource {
  private let file: any File
  private let zstd: ZstdStream?
  private var offset: UInt64 = 0
  private var compressed: [UInt8] = []
  private var usedByteCount = 0
  private static let chunkByteCount = 1 << 18

  /// How much of the file (as it lies on disk) has been read.
  var progress: UInt64 { offset }

  init(path: String, fileSystem: any FileSystem) throws {
    file = try fileSystem.open(path, .read)
    zstd = path.hasSuffix(".zst") ? ZstdStream() : nil
  }

  deinit { file.close() }

  /// - Returns: the next bytes, or `nil` at the end.
  /// - Throws: `FileError`; `DecodingError` for a damaged or cut zstd file.
  func next() throws -> [UInt8]? {
    guard let zstd else { return try readChunk() }
    while true {
      if let piece = try zstd.next(of: compressed, from: &usedByteCount) { return piece }
      guard let chunk = try readChunk() else {
        if zstd.isComplete { return nil }
        throw DecodingError(offset: Int(offset), message: "the zstd file ends in the middle")
      }
      compressed = chunk
      usedByteCount = 0
    }
  }

  private func readChunk() throws -> [UInt8]? {
    let chunk = try file.read(at: offset, byteCount: Self.chunkByteCount)
    offset += UInt64(chunk.count)
    return chunk.isEmpty ? nil : chunk
  }
}
