import Bytes

/// The decoders of this target for fuzzing from outside of it, past the checksums that would stop every random input.
package enum FrameFuzzing {
  private static let salt: UInt64 = 7
  private static let limit = 1 << 20

  /// - Parameter input: kind, encoding, four bytes of plain length, then the payload.
  package static func decodeWithFittingChecksums(_ input: [UInt8]) {
    decodePayload(input)
    guard input.count >= 6 else { return }
    let payload = input[6...]
    let header = PackFrame.Header(
      frameByteCount: UInt32(PackFrame.Header.byteCount + payload.count), kind: input[0] % 10, encoding: input[1] % 3,
      batchOffset: 0, payloadChecksum: CRC32C.checksum(payload),
      plainByteCount: input[2..<6].reduce(0) { $0 << 8 | UInt32($1) } % UInt32(2 * limit))
    var writer = ByteWriter()
    header.encode(into: &writer, at: PackHeader.endOffset, salt: salt)
    writer.write(payload)
    if let record = try? PackRecord.decode(
      frame: writer.bytes[...], at: PackHeader.endOffset, salt: salt, limit: limit)
    {
      precondition(record.bytes.count <= limit && record.bytes.count == Int(header.plainByteCount))
      decodePayload(record.bytes)
    }
    // Without fitting checksums it must be refused, or be the frame it says it is.
    _ = try? PackRecord.decode(frame: input[...], at: PackHeader.endOffset, salt: salt, limit: limit)
    _ = try? PackHeader.decode(input, file: "fuzz")
  }

  private static func decodePayload(_ bytes: [UInt8]) {
    if let received = try? ReceivedRecord(bytes) {
      precondition((try? ReceivedRecord(received.record.bytes)) == received)
    }
    if let recipe = try? Recipe(bytes) { precondition((try? Recipe(recipe.record.bytes)) == recipe) }
    if let ids = try? QueueLog.ids(in: bytes) { precondition((try? QueueLog.ids(in: QueueLog.bytes(of: ids))) == ids) }
  }
}
