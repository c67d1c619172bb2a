import Bytes

/// The fixed parts of a journal file. docs/formats/journal.md is the specification, with a worked example.
///
///     file    = header frame* zeros                     preallocated; frames begin at multiples of 8
///     header  = "MDXJRNL\n" u32 version, u32 shard, u64 first sequence, u32 salt, u32 CRC-32C of the 28 bytes before
///     frame   = u32 payload length, u32 CRC-32C, u64 sequence of the first record, payload, zeros to a multiple of 8
///     payload = varint record count, records with consecutive sequences
///
/// A frame is what one sync made durable, so it is there as a whole or not at all.
enum JournalFormat {
  static let magic: [UInt8] = Array("MDXJRNL\n".utf8)
  static let version: UInt32 = 1
  static let headerByteCount = 32
  static let frameHeaderByteCount = 16
  static let alignment = 8
  /// More than any batch; a length over it is damage.
  static let maxPayloadByteCount = 1 << 30

  static func frameByteCount(payload: Int) -> Int {
    (frameHeaderByteCount + payload + alignment - 1) / alignment * alignment
  }

  static func encodeFrame(payload: [UInt8], sequence: SequenceNumber, salt: UInt32) -> [UInt8] {
    let byteCount = frameByteCount(payload: payload.count)
    var writer = ByteWriter(reserving: byteCount)
    writer.write(UInt32(payload.count))
    writer.write(UInt32(0))
    writer.write(sequence.rawValue)
    writer.write(payload)
    while writer.count < byteCount { writer.write(UInt8(0)) }
    let end = frameHeaderByteCount + payload.count
    writer.overwrite(
      at: 4, with: checksum(length: UInt32(payload.count), rest: writer.bytes[8..<end], salt: salt))
    return writer.bytes
  }

  /// Over the file's salt, the length, the sequence and the payload. The salt keeps bytes that a mail brought from
  /// ever passing for a frame.
  static func checksum(length: UInt32, rest: ArraySlice<UInt8>, salt: UInt32) -> UInt32 {
    var prefix = ByteWriter(reserving: 8)
    prefix.write(salt)
    prefix.write(length)
    var crc = CRC32C()
    crc.update(prefix.bytes)
    crc.update(rest.span)
    return crc.value
  }
}

/// The first 32 bytes of a journal file. They keep this shape in every version of the format.
struct JournalHeader: Hashable, Sendable {
  let version: UInt32
  let shard: UInt32
  let firstSequence: SequenceNumber
  let salt: UInt32

  init(version: UInt32 = JournalFormat.version, shard: UInt32, firstSequence: SequenceNumber, salt: UInt32) {
    self.version = version
    self.shard = shard
    self.firstSequence = firstSequence
    self.salt = salt
  }

  var encoded: [UInt8] {
    var writer = ByteWriter(reserving: JournalFormat.headerByteCount)
    writer.write(JournalFormat.magic)
    writer.write(version)
    writer.write(shard)
    writer.write(firstSequence.rawValue)
    writer.write(salt)
    writer.write(CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  init(_ bytes: ArraySlice<UInt8>) throws(DecodingError) {
    var reader = ByteReader(bytes)
    guard try reader.readBytes(8).elementsEqual(JournalFormat.magic) else {
      throw DecodingError(offset: 0, message: "expected the mark of a journal file, found other bytes")
    }
    version = try reader.readUInt32()
    shard = try reader.readUInt32()
    firstSequence = SequenceNumber(rawValue: try reader.readUInt64())
    salt = try reader.readUInt32()
    let found = try reader.readUInt32()
    let expected = CRC32C.checksum(bytes.prefix(28))
    guard found == expected else {
      throw DecodingError(offset: 28, message: "expected header checksum \(expected.hex), found \(found.hex)")
    }
  }
}

extension UInt32 {
  /// Eight hexadecimal digits, for messages.
  var hex: String {
    let digits = String(self, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}
