/// How a part's content is written in the mail: Content-Transfer-Encoding, RFC 2045 §6.
enum TransferEncoding: Sendable {
  /// `7bit`, `8bit`, `binary`, or nothing said.
  case identity
  case base64
  case quotedPrintable
  case uuencode
  /// Said, but not known: read as identity.
  case unknown

  /// Spellings as people write them: `8-bit`, `Base 64`, `quoted_printable`, with comments and stray semicolons.
  init(label: ArraySlice<UInt8>) {
    var letters: [UInt8] = []
    for byte in label {
      if byte == 0x28 || byte == 0x3B || letters.count > 32 { break }
      let letter = byte.lowercasedASCII
      if (letter >= 0x61 && letter <= 0x7A) || (letter >= 0x30 && letter <= 0x39) { letters.append(letter) }
    }
    switch String(decoding: letters, as: UTF8.self) {
    case "", "7bit", "8bit", "7bits", "8bits", "binary", "7", "8", "none", "ascii", "usascii", "text": self = .identity
    case "base64", "b64": self = .base64
    case "quotedprintable", "quotedprintible", "qp": self = .quotedPrintable
    case "uuencode", "xuuencode", "xuue", "uue", "uuencoded", "xuu": self = .uuencode
    default: self = .unknown
    }
  }

  /// Decodes at most `limit` bytes. Never fails: bytes that are not of the encoding are skipped or kept as they are.
  func decode(_ content: ArraySlice<UInt8>, limit: Int) -> [UInt8] {
    switch self {
    case .identity, .unknown: Array(content.prefix(limit))
    case .base64: Base64Text.decode(content, limit: limit)
    case .quotedPrintable: QuotedPrintableText.decode(content, limit: limit)
    case .uuencode: UUText.decode(content, limit: limit)
    }
  }

  /// The same, with whether there is more than `limit` bytes.
  func decodeStart(_ content: ArraySlice<UInt8>, limit: Int) -> (bytes: [UInt8], isCut: Bool) {
    var bytes = decode(content, limit: limit == .max ? limit : limit + 1)
    guard bytes.count > limit else { return (bytes, false) }
    bytes.removeLast(bytes.count - limit)
    return (bytes, true)
  }

  /// How many bytes `decode` gives, without keeping them.
  func decodedByteCount(_ content: ArraySlice<UInt8>, limit: Int) -> Int {
    var counter = ByteCounter()
    switch self {
    case .identity, .unknown: return min(content.count, limit)
    case .base64: Base64Text.decode(content, limit: limit, into: &counter)
    case .quotedPrintable: QuotedPrintableText.decode(content, limit: limit, into: &counter)
    case .uuencode: return UUText.decodedByteCount(content, limit: limit)
    }
    return min(counter.count, limit)
  }

  /// Whether the content is written as the encoding asks. Of quoted-printable anything can be read.
  func isKept(by content: ArraySlice<UInt8>) -> Bool {
    switch self {
    case .identity, .quotedPrintable: return true
    case .unknown: return false
    case .uuencode: return UUText.lines(of: content) != nil
    case .base64: return Base64Text.isClean(content)
    }
  }
}

extension TransferEncoding {
  /// Whether the content can be read where it stands.
  var isIdentity: Bool {
    switch self {
    case .identity, .unknown: true
    case .base64, .quotedPrintable, .uuencode: false
    }
  }
}
