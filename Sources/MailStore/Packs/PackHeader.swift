import Bytes

/// The first bytes of a pack file, written twice, in two sectors: it holds the salt, without which no frame of the file
/// can be checked. These bytes keep their shape in every version. See docs/formats/pack.md.
struct PackHeader: Hashable {
  static let magic: [UInt8] = Array("MDXPACK\0".utf8)
  static let version: UInt32 = 1
  static let byteCount = 32
  /// Where each copy starts.
  static let copyOffsets = [0, 512]
  /// Where frames begin.
  static let endOffset: UInt64 = 1_024

  let version: UInt32
  let number: UInt32
  /// Random. Every checksum of a frame starts from it, so that bytes which a sender put into a mail never pass for a
  /// frame when damage makes the reader search for the next one.
  let salt: UInt64

  /// Both copies, padded to where the frames begin.
  var encoded: [UInt8] {
    var copy = ByteWriter(reserving: Self.byteCount)
    copy.write(Self.magic)
    copy.write(version)
    copy.write(number)
    copy.write(salt)
    copy.write(UInt32(0))
    copy.write(CRC32C.checksum(copy.bytes))
    var bytes = [UInt8](repeating: 0, count: Int(Self.endOffset))
    for offset in Self.copyOffsets { bytes.replaceSubrange(offset..<offset + Self.byteCount, with: copy.bytes) }
    return bytes
  }

  /// Reads the first copy that is whole.
  /// - Parameter bytes: the first `endOffset` bytes of the file, or fewer of a short file.
  /// - Throws: what is wrong with the first copy when neither is whole.
  static func decode(_ bytes: [UInt8], file: String) throws(PackProblem) -> PackHeader {
    var first: PackProblem?
    for offset in copyOffsets {
      do throws(PackProblem) { return try PackHeader(copyAt: offset, of: bytes, file: file) } catch {
        if first == nil { first = error }
      }
    }
    throw first ?? PackProblem(file: file, offset: 0, expected: "a pack header", found: "none")
  }

  init(version: UInt32 = PackHeader.version, number: UInt32, salt: UInt64) {
    self.version = version
    self.number = number
    self.salt = salt
  }

  init(copyAt offset: Int, of bytes: [UInt8], file: String) throws(PackProblem) {
    func problem(_ expected: String, _ found: String) -> PackProblem {
      PackProblem(file: file, offset: UInt64(offset), expected: expected, found: found)
    }
    guard bytes.count >= offset + Self.byteCount else {
      throw problem("a pack header of \(Self.byteCount) bytes", "the end of the file at \(bytes.count)")
    }
    let copy = bytes[offset..<offset + Self.byteCount]
    guard Array(copy.prefix(8)) == Self.magic else { throw problem("the pack magic", "\(Array(copy.prefix(8)))") }
    var reader = ByteReader(copy.dropFirst(8))
    let stored: UInt32
    do throws(DecodingError) {
      version = try reader.readUInt32()
      number = try reader.readUInt32()
      salt = try reader.readUInt64()
      _ = try reader.readUInt32()
      stored = try reader.readUInt32()
    } catch {
      throw problem("a pack header", error.message)
    }
    let computed = CRC32C.checksum(copy.dropLast(4))
    guard stored == computed else { throw problem("header checksum \(PackFrame.hex(computed))", PackFrame.hex(stored)) }
  }
}
