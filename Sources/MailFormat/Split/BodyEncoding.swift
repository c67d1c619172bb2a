package import Bytes

/// How an attachment's content was written in its mail, exactly: with the content it gives the original bytes back.
///
/// Bytes, as kept in a recipe: one byte 0 for `identity`; or one byte 1, the line length as varint, and one byte for the
/// line end, 0 for LF and 1 for CRLF.
package enum BodyEncoding: Hashable, Sendable {
  /// As it is: `7bit`, `8bit`, `binary`.
  case identity
  /// RFC 2045 §6.8, in lines of `lineLength` characters but for the last; no line end after the last. A line length of 0
  /// means one line.
  case base64(lineLength: Int, isCRLF: Bool)

  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .identity: writer.write(UInt8(0))
    case .base64(let lineLength, let isCRLF):
      writer.write(UInt8(1))
      writer.writeVarint(lineLength)
      writer.write(UInt8(isCRLF ? 1 : 0))
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    switch try reader.readUInt8() {
    case 0: self = .identity
    case 1:
      let lineLength = try reader.readVarint()
      guard lineLength <= UInt64(Base64Lines.maxLineLength), lineLength % 4 == 0 else {
        throw DecodingError(offset: reader.offset, message: "base64 lines of \(lineLength) characters")
      }
      switch try reader.readUInt8() {
      case 0: self = .base64(lineLength: Int(lineLength), isCRLF: false)
      case 1: self = .base64(lineLength: Int(lineLength), isCRLF: true)
      case let other: throw DecodingError(offset: reader.offset - 1, message: "expected 0 or 1, found \(other)")
      }
    case let other: throw DecodingError(offset: reader.offset - 1, message: "unknown body encoding \(other)")
    }
  }
}
