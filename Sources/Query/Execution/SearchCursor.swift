import Analysis
import Bytes
import Crypto
import Index

/// Where a page ended: the sort key and document of its last hit. It pins nothing on the server.
///
/// Its text is base64url of { version, moment, languages, key, docID, the first 16 bytes of HMAC-SHA256 }. The code also covers the
/// user, the query, the time zone of its days and the sort order, so a cursor of anyone or anything else, or an altered one, is refused.
struct SearchCursor: Equatable {
  /// "Now" of the first page, so that `older_than:3d` means the same on every page.
  var moment: Timestamp
  /// In which the words had forms on the first page, which they have on every page.
  var languages: StemmingLanguages
  var key: SortKey

  private static let version: UInt8 = 2
  private static let codeByteCount = 16

  /// What a cursor belongs to, beside its user's mail.
  struct Binding {
    let query: QueryNode
    /// See `SearchContext.zone`.
    let zone: String
    let user: UserID
    let sort: SortOrder
  }

  func text(for binding: Binding, secret: SymmetricKey) -> String {
    let payload = payload
    return Base64URL.encode(payload + Self.code(payload, binding, secret))
  }

  init(moment: Timestamp, languages: StemmingLanguages, key: SortKey) {
    self.moment = moment
    self.languages = languages
    self.key = key
  }

  init(_ text: String, for binding: Binding, secret: SymmetricKey) throws(SearchError) {
    let invalid = SearchError.foreignCursor
    guard text.utf8.count <= 4_096, let bytes = Base64URL.decode(text), bytes.count > Self.codeByteCount else {
      throw invalid
    }
    let payload = Array(bytes.dropLast(Self.codeByteCount))
    let expected = Self.code(payload, binding, secret)
    // No early exit: how long the comparison takes must not tell how much of a guess is right.
    let difference = zip(expected, bytes.suffix(Self.codeByteCount)).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
    guard difference == 0, let cursor = try? Self(payload: payload) else { throw invalid }
    self = cursor
  }

  private var payload: [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.version)
    writer.writeSignedVarint(moment.rawValue)
    writer.write(languages.rawValue)
    writer.writeVarint(key.number)
    writer.writeLengthPrefixed(key.text)
    writer.writeSignedVarint(key.document.receivedAt.rawValue)
    writer.write(key.document.docID.rawValue)
    return writer.bytes
  }

  private init(payload: [UInt8]) throws(DecodingError) {
    var reader = ByteReader(payload)
    guard try reader.readUInt8() == Self.version else { throw DecodingError(offset: 0, message: "cursor version") }
    moment = Timestamp(rawValue: try reader.readSignedVarint())
    languages = StemmingLanguages(rawValue: try reader.readUInt32())
    let number = try reader.readVarint()
    let text = Array(try reader.readLengthPrefixed())
    let receivedAt = Timestamp(rawValue: try reader.readSignedVarint())
    let docID = DocID(rawValue: try reader.readUInt32())
    guard reader.isAtEnd else { throw DecodingError(offset: reader.offset, message: "bytes after the cursor") }
    key = SortKey(number: number, text: text, document: .init(receivedAt: receivedAt, docID: docID))
  }

  private static func code(_ payload: [UInt8], _ binding: Binding, _ secret: SymmetricKey) -> [UInt8] {
    var writer = ByteWriter()
    writer.writeLengthPrefixed("maildex search cursor")
    writer.write(binding.user.rawValue)
    writer.writeLengthPrefixed(binding.sort.rawValue)
    writer.writeLengthPrefixed(binding.zone)
    writer.writeLengthPrefixed(binding.query.canonicalBytes)
    writer.write(payload)
    return Array(HMAC<SHA256>.authenticationCode(for: writer.bytes, using: secret).prefix(codeByteCount))
  }
}

/// RFC 4648 §5, without padding.
enum Base64URL {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  private static let values: [UInt8: UInt32] = Dictionary(
    uniqueKeysWithValues: alphabet.enumerated().map { ($1, UInt32($0)) })

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits: UInt32 = 0
      for index in 0..<3 { bits = bits << 8 | (index < group.count ? UInt32(group[start + index]) : 0) }
      for index in 0...group.count { text.append(alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)]) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// `nil` for anything that `encode` would not have given: each value has one text.
  static func decode(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for character in text.utf8 {
      guard let value = values[character] else { return nil }
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return encode(bytes) == text ? bytes : nil
  }
}
