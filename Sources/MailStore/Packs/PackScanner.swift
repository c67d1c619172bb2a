import Bytes

/// Walks the frames of one pack file from the first to the last, over damage, in bounded reads.
///
/// A frame whose header is whole is stepped over by its length. After a broken header the scanner searches, eight bytes
/// at a time, for the next header whose checksum fits its place; the salt keeps mail content from passing for one.
struct PackScanner {
  enum Item {
    /// A whole frame.
    case frame(PackFrame.Header, at: UInt64, payload: ArraySlice<UInt8>)
    /// Bytes that are no frame, up to the next frame or to the end of the file.
    case damage(PackProblem, byteCount: UInt64)
  }

  private static let windowByteCount = 1 << 20

  /// Where the next frame is looked for.
  private(set) var offset: UInt64
  private let file: any File
  /// As problems name it; the file may have been renamed since it was opened.
  private let path: String
  private let salt: UInt64
  private let endOffset: UInt64
  private var window: [UInt8] = []
  private var windowStart: UInt64 = 0

  /// - Parameter endOffset: where to stop, `nil` for the end of the file.
  init(_ pack: PackFile, to endOffset: UInt64? = nil) throws(FileError) {
    file = pack.file
    path = pack.path
    salt = pack.salt
    offset = PackHeader.endOffset
    let byteCount = try file.byteCount()
    self.endOffset = min(endOffset ?? byteCount, byteCount)
  }

  /// - Returns: `nil` when only zeros follow: the file's end, or space reserved for what comes next.
  mutating func next() throws(FileError) -> Item? {
    guard offset < endOffset else { return nil }
    let start = offset
    let header: PackFrame.Header
    let bytes = try bytes(at: start, byteCount: PackFrame.Header.byteCount)
    do throws(PackFrame.Damage) {
      header = try PackFrame.Header(bytes, at: start, salt: salt)
    } catch {
      return try searchAfterBrokenHeader(error)
    }

    let end = start + UInt64(header.frameByteCount)
    guard end <= endOffset else {
      return skip(to: endOffset, expected: "\(header.frameByteCount) bytes", found: "\(endOffset - start)")
    }
    let payload = try self.bytes(at: start, byteCount: Int(header.frameByteCount))
      .dropFirst(PackFrame.Header.byteCount)
    let checksum = CRC32C.checksum(payload)
    guard checksum == header.payloadChecksum else {
      return skip(
        to: min(endOffset, PackFrame.padded(end)),
        expected: "payload checksum \(PackFrame.hex(header.payloadChecksum))",
        found: PackFrame.hex(checksum))
    }
    offset = min(endOffset, PackFrame.padded(end))
    return .frame(header, at: start, payload: payload)
  }

  private mutating func skip(to end: UInt64, expected: String, found: String) -> Item {
    defer { offset = end }
    return .damage(
      PackProblem(file: path, offset: offset, expected: expected, found: found), byteCount: end - offset)
  }

  /// Moves to the next whole header, or to the end of the file.
  private mutating func searchAfterBrokenHeader(_ damage: PackFrame.Damage) throws(FileError) -> Item? {
    var position = offset
    var isZero = true
    while position < endOffset {
      let bytes = try bytes(at: position, byteCount: Self.windowByteCount)
      if bytes.isAllZero {
        // Reserved space: no header begins in it, unless in the last bytes of a window that has another behind it.
        guard position + UInt64(bytes.count) < endOffset else { break }
        position += UInt64(bytes.count - PackFrame.Header.byteCount) / PackFrame.alignment * PackFrame.alignment
        continue
      }
      isZero = false
      var index = bytes.startIndex
      while index < bytes.endIndex {
        let candidate = position + UInt64(index - bytes.startIndex)
        if candidate > offset && isWholeHeader(bytes[index...], at: candidate) {
          return skip(to: candidate, expected: damage.expected, found: damage.found)
        }
        // A header that begins in this window's last bytes is read whole as the next window's first.
        if bytes.endIndex - index <= PackFrame.Header.byteCount
          && candidate + UInt64(bytes.endIndex - index) < endOffset
          && index > bytes.startIndex
        {
          break
        }
        index += Int(PackFrame.alignment)
      }
      position += UInt64(min(index, bytes.endIndex) - bytes.startIndex)
    }
    if isZero {
      offset = endOffset
      return nil
    }
    return skip(to: endOffset, expected: damage.expected, found: damage.found)
  }

  private func isWholeHeader(_ bytes: ArraySlice<UInt8>, at offset: UInt64) -> Bool {
    guard bytes.count >= PackFrame.Header.byteCount else { return false }
    // Most places are ruled out by two bytes: no kind and encoding, or no zeros after them.
    guard bytes[bytes.startIndex + 8] != 0 && bytes[bytes.startIndex + 10] == 0 else { return false }
    return (try? PackFrame.Header(bytes, at: offset, salt: salt)) != nil
  }

  /// The bytes at `start`, fewer at the end of the file.
  private mutating func bytes(at start: UInt64, byteCount: Int) throws(FileError) -> ArraySlice<UInt8> {
    let end = min(endOffset, start + UInt64(byteCount))
    if start < windowStart || end > windowStart + UInt64(window.count) {
      let wanted = min(Int(endOffset - start), max(byteCount, Self.windowByteCount))
      window = try file.readExactly(at: start, byteCount: wanted)
      windowStart = start
    }
    let index = Int(start - windowStart)
    return window[index..<index + Int(end - start)]
  }
}
