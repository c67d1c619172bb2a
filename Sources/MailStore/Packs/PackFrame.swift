import Bytes

/// The frames of a pack file: header, payload, zeros up to a multiple of eight bytes. See docs/formats/pack.md.
enum PackFrame {
  static let alignment: UInt64 = 8

  static func padded(_ byteCount: UInt64) -> UInt64 { (byteCount + alignment - 1) / alignment * alignment }

  static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  enum Encoding: UInt8, Sendable {
    case raw = 0
    case zstd = 1
  }

  /// What a decoder expected and what it found instead.
  struct Damage: Error, Hashable {
    let expected: String
    let found: String
  }

  /// ```
  /// 0  u32 checksum of salt, offset and the 20 bytes that follow
  /// 4  u32 bytes of the whole frame without padding
  /// 8  u8  kind        9  u8 encoding       10 u16 zero
  /// 12 u32 bytes from the first frame of the same write to this one
  /// 16 u32 checksum of the payload as stored
  /// 20 u32 bytes of the payload when decoded
  /// ```
  struct Header: Hashable, Sendable {
    static let byteCount = 24

    var frameByteCount: UInt32
    /// As stored; a kind that this version does not know is still a frame.
    var kind: UInt8
    var encoding: UInt8
    var batchOffset: UInt32
    var payloadChecksum: UInt32
    var plainByteCount: UInt32

    func encode(into writer: inout ByteWriter, at offset: UInt64, salt: UInt64) {
      var fields = ByteWriter(reserving: Self.byteCount - 4)
      fields.write(frameByteCount)
      fields.write(kind)
      fields.write(encoding)
      fields.write([0, 0])
      fields.write(batchOffset)
      fields.write(payloadChecksum)
      fields.write(plainByteCount)
      writer.write(Self.checksum(fields.bytes[...], at: offset, salt: salt))
      writer.write(fields.bytes)
    }

    /// - Parameter bytes: at least the header.
    init(_ bytes: ArraySlice<UInt8>, at offset: UInt64, salt: UInt64) throws(Damage) {
      guard bytes.count >= Self.byteCount else {
        throw Damage(expected: "a frame header of \(Self.byteCount) bytes", found: "\(bytes.count) bytes")
      }
      let bytes = bytes.prefix(Self.byteCount)
      var reader = ByteReader(bytes)
      let stored: UInt32
      let zero: ArraySlice<UInt8>
      do throws(DecodingError) {
        stored = try reader.readUInt32()
        frameByteCount = try reader.readUInt32()
        kind = try reader.readUInt8()
        encoding = try reader.readUInt8()
        zero = try reader.readBytes(2)
        batchOffset = try reader.readUInt32()
        payloadChecksum = try reader.readUInt32()
        plainByteCount = try reader.readUInt32()
      } catch {
        throw Damage(expected: "a frame header", found: error.message)
      }
      let computed = Self.checksum(bytes.dropFirst(4), at: offset, salt: salt)
      guard stored == computed else { throw Damage(expected: "header checksum \(hex(computed))", found: hex(stored)) }
      guard frameByteCount >= UInt32(Self.byteCount), zero.allSatisfy({ $0 == 0 }) else {
        throw Damage(expected: "a frame header", found: "fields out of range")
      }
    }

    init(
      frameByteCount: UInt32, kind: UInt8, encoding: UInt8, batchOffset: UInt32, payloadChecksum: UInt32,
      plainByteCount: UInt32
    ) {
      self.frameByteCount = frameByteCount
      self.kind = kind
      self.encoding = encoding
      self.batchOffset = batchOffset
      self.payloadChecksum = payloadChecksum
      self.plainByteCount = plainByteCount
    }

    var payloadByteCount: Int { Int(frameByteCount) - Self.byteCount }

    private static func checksum(_ bytes: ArraySlice<UInt8>, at offset: UInt64, salt: UInt64) -> UInt32 {
      var seed = ByteWriter(reserving: 16 + bytes.count)
      seed.write(salt)
      seed.write(offset)
      seed.write(bytes)
      return CRC32C.checksum(seed.bytes)
    }
  }
}

/// A record made ready for the disk by whoever appends it, so that the writing thread only copies.
struct EncodedFrame: Sendable {
  /// Below this, zstd's own header eats what it saves.
  private static let minByteCountToCompress = 64

  let kind: PackRecord.Kind
  private let encoding: PackFrame.Encoding
  private let payload: [UInt8]
  private let payloadChecksum: UInt32
  private let plainByteCount: UInt32

  init(_ record: PackRecord) {
    precondition(record.bytes.count < 1 << 31, "records are bounded by PackOptions.maxRecordByteCount")
    kind = record.kind
    plainByteCount = UInt32(record.bytes.count)
    let compressed = record.bytes.count < Self.minByteCountToCompress ? record.bytes : Zstd.compress(record.bytes)
    encoding = compressed.count < record.bytes.count ? .zstd : .raw
    payload = encoding == .zstd ? compressed : record.bytes
    payloadChecksum = CRC32C.checksum(payload)
  }

  var byteCount: UInt32 { UInt32(PackFrame.Header.byteCount + payload.count) }
  var paddedByteCount: UInt64 { PackFrame.padded(UInt64(byteCount)) }

  /// Appends the frame as it lies at `offset` of a file.
  func encode(into writer: inout ByteWriter, at offset: UInt64, batchStart: UInt64, salt: UInt64) {
    let header = PackFrame.Header(
      frameByteCount: byteCount, kind: kind.rawValue, encoding: encoding.rawValue,
      batchOffset: UInt32(offset - batchStart), payloadChecksum: payloadChecksum, plainByteCount: plainByteCount)
    header.encode(into: &writer, at: offset, salt: salt)
    writer.write(payload)
    for _ in UInt64(byteCount)..<paddedByteCount { writer.write(UInt8(0)) }
  }
}

extension PackRecord {
  /// Checks and decodes a frame.
  /// - Parameters:
  ///   - frame: exactly the frame, without padding.
  ///   - limit: the most bytes the record may have.
  static func decode(
    frame: ArraySlice<UInt8>, at offset: UInt64, salt: UInt64, limit: Int
  ) throws(PackFrame.Damage) -> PackRecord {
    let header = try PackFrame.Header(frame, at: offset, salt: salt)
    guard frame.count == Int(header.frameByteCount) else {
      throw PackFrame.Damage(expected: "a frame of \(frame.count) bytes", found: "\(header.frameByteCount)")
    }
    let payload = frame.dropFirst(PackFrame.Header.byteCount)
    return try PackRecord(header: header, payload: payload, limit: limit)
  }

  init(header: PackFrame.Header, payload: ArraySlice<UInt8>, limit: Int) throws(PackFrame.Damage) {
    let computed = CRC32C.checksum(payload)
    guard computed == header.payloadChecksum else {
      throw PackFrame.Damage(
        expected: "payload checksum \(PackFrame.hex(header.payloadChecksum))", found: PackFrame.hex(computed))
    }
    guard let kind = Kind(rawValue: header.kind) else {
      throw PackFrame.Damage(expected: "a known kind of frame", found: "kind \(header.kind)")
    }
    guard header.plainByteCount <= limit else {
      throw PackFrame.Damage(expected: "a record of at most \(limit) bytes", found: "\(header.plainByteCount)")
    }
    self.init(kind: kind, bytes: try Self.plain(header, payload))
  }

  private static func plain(
    _ header: PackFrame.Header, _ payload: ArraySlice<UInt8>
  ) throws(PackFrame.Damage) -> [UInt8] {
    let bytes: [UInt8]
    switch PackFrame.Encoding(rawValue: header.encoding) {
    case .raw: bytes = Array(payload)
    case .zstd:
      do throws(DecodingError) {
        bytes = try Zstd.decompress(payload, limit: Int(header.plainByteCount))
      } catch {
        throw PackFrame.Damage(expected: "zstd data", found: error.message)
      }
    case nil:
      throw PackFrame.Damage(expected: "a known encoding", found: "encoding \(header.encoding)")
    }
    guard bytes.count == Int(header.plainByteCount) else {
      throw PackFrame.Damage(expected: "\(header.plainByteCount) bytes", found: "\(bytes.count)")
    }
    return bytes
  }
}
