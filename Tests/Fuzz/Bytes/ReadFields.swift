import Bytes

/// Reads fields of every kind from the input until one is refused: no input may trap, or be read twice.
@_cdecl("LLVMFuzzerTestOneInput")
public func readFields(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  var reader = ByteReader(input)
  do {
    while !reader.isAtEnd {
      let before = reader.offset
      switch try reader.readUInt8() % 8 {
      case 0: _ = try reader.readUInt32()
      case 1: _ = try reader.readUInt64()
      case 2: _ = try reader.readVarint()
      case 3: _ = try reader.readSignedVarint()
      case 4: _ = try reader.readCount()
      case 5: _ = try reader.readLengthPrefixed()
      case 6: _ = try reader.readString()
      default: _ = try reader.readBytes(Int(try reader.readUInt8()))
      }
      precondition(reader.offset > before)
      precondition(reader.offset + reader.remaining == input.count)
    }
  } catch {}
  return 0
}
