/// Reads address lists (RFC 5322 §3.4), obsolete and broken forms with them: groups are flattened, routes dropped,
/// comments become names where there is no other, semicolons separate as commas do, and a bare word is an address
/// without a domain.
///
/// - Complexity: linear.
struct AddressList {
  /// `isCut` when there are more than `limit`.
  static func parse(
    _ field: ArraySlice<UInt8>, charsets: CharsetHints, limit: Int
  ) -> (addresses: [EmailAddress], isCut: Bool) {
    var list = AddressList(field, charsets: charsets, limit: limit)
    list.run()
    return (list.addresses, list.isCut)
  }

  private var cursor: FieldCursor
  private let charsets: CharsetHints
  private let limit: Int
  private var isDecoded: Bool
  private var addresses: [EmailAddress] = []
  private var isCut = false
  /// Whether anything from here on can end an encoded word.
  private var hasTerminators = true

  // Of the mailbox being read:
  /// Words as shown: without quotes.
  private var phrase: [UInt8] = []
  /// Words as written, for addresses such as `"a b"@example.com`.
  private var written: [UInt8] = []
  /// An `@` or `[` was written, so that a colon is no longer the end of a group's name.
  private var isAddress = false
  private var comment: [UInt8] = []
  private var angle: [UInt8]?

  private init(_ field: ArraySlice<UInt8>, charsets: CharsetHints, limit: Int, isDecoded: Bool = false) {
    cursor = FieldCursor(field)
    self.charsets = charsets
    self.limit = limit
    self.isDecoded = isDecoded
  }

  private mutating func run() {
    while let byte = cursor.peek, addresses.count < limit {
      switch byte {
      case 0x22:  // "
        let start = cursor.index
        let text = cursor.takeQuoted()
        append(shown: text[...], written: cursor.bytes(from: start))
      case 0x28:  // (
        if !comment.isEmpty { comment.append(0x20) }
        comment += cursor.takeComment()
      case 0x3C: takeAngle()  // <
      case 0x2C, 0x3B:  // , ;
        cursor.advance()
        flush()
      case 0x3A where angle == nil && !isAddress:  // a group's name
        cursor.advance()
        (phrase, written) = ([], [])
      case 0x3D: takeEncodedWord()
      default:
        cursor.advance()
        append(byte)
      }
    }
    if addresses.count < limit {
      flush()
    } else if cursor.rest.contains(where: { !$0.isSpace && $0 != 0x2C && $0 != 0x3B }) {
      isCut = true
    }
  }

  private mutating func append(_ byte: UInt8) {
    if byte.isSpace {
      if let last = written.last, last != 0x20 {
        phrase.append(0x20)
        written.append(0x20)
      }
    } else if byte != 0 {
      phrase.append(byte)
      written.append(byte)
      if byte == 0x40 || byte == 0x5B { isAddress = true }
    }
  }

  private mutating func append(shown: ArraySlice<UInt8>, written text: ArraySlice<UInt8>) {
    phrase += shown
    written += text
    if !isAddress { isAddress = text.contains { $0 == 0x40 || $0 == 0x5B } }
  }

  /// An encoded word is taken whole: programs leave commas and brackets in it.
  private mutating func takeEncodedWord() {
    let mayBeWord = hasTerminators && cursor.rest.dropFirst().first == 0x3F
    switch mayBeWord ? EncodedWord.parse(cursor.rest) : .noWord {
    case .word(let word):
      let text = cursor.rest[..<word.end]
      append(shown: text, written: text)
      cursor.advance(by: text.count)
      return
    case .noTerminator: hasTerminators = false
    case .noWord: break
    }
    append(0x3D)
    cursor.advance()
  }

  /// `<route:local@domain>`. A bracket that is never closed ends at a separator once an address is inside.
  private mutating func takeAngle() {
    cursor.advance()
    var text: [UInt8] = []
    while let byte = cursor.peek {
      if byte == 0x3E {
        cursor.advance()
        break
      }
      if byte == 0x28 {
        _ = cursor.takeComment()
        continue
      }
      if byte == 0x22 {
        let start = cursor.index
        _ = cursor.takeQuoted()
        text += cursor.bytes(from: start)
        continue
      }
      if byte == 0x3C || (byte == 0x2C || byte == 0x3B) && text.first != 0x40 { break }
      cursor.advance()
      if !byte.isSpace && byte != 0 { text.append(byte) }
    }
    if text.first == 0x40, let colon = text.lastIndex(of: 0x3A) { text.removeSubrange(...colon) }
    if angle == nil || angle?.isEmpty == true { angle = text }
  }

  private mutating func flush() {
    defer { (phrase, written, comment, angle, isAddress) = ([], [], [], nil, false) }
    if let angle {
      let address = charsets.decode(angle[...], label: nil).shownLine
      let name = shownName
      guard !address.isEmpty || name != nil else { return }
      addresses.append(EmailAddress(name: name == address ? nil : name, address: address))
      return
    }
    let text = written[...].trimmed
    guard !text.isEmpty else { return }
    if !isDecoded, text.starts(with: Array("=?".utf8)) {
      // `=?utf-8?Q?Alice_=3Calice=40example.com=3E?=`: the whole mailbox was encoded.
      let decoded = Array(HeaderText.decode(text, charsets: charsets).utf8)
      if decoded.contains(0x40) {
        var inner = AddressList(decoded[...], charsets: charsets, limit: limit - addresses.count, isDecoded: true)
        inner.run()
        addresses += inner.addresses
        isCut = isCut || inner.isCut
        return
      }
    }
    appendBare(text)
  }

  /// A mailbox without angle brackets: the last word with an `@` is the address, what is before it a name.
  private mutating func appendBare(_ text: ArraySlice<UInt8>) {
    let at = text.lastIndex(of: 0x40)
    guard let at else {
      let name = shownName ?? ""
      let isWord = !text.contains(0x20) && !text.contains(0x22) && !text.starts(with: Array("=?".utf8))
      if isWord {
        addresses.append(EmailAddress(name: commentText, address: name))
      } else if !name.isEmpty {
        addresses.append(EmailAddress(name: name, address: ""))
      }
      return
    }
    var start = at
    var isQuoted = false
    while start > text.startIndex {
      let before = text[start - 1]
      if before == 0x22 { isQuoted.toggle() }
      if before == 0x20 && !isQuoted && start != at { break }
      start -= 1
    }
    let hasQuotes = text[start..<at].contains(0x22)
    let end = text[at...].dropFirst(2).firstIndex(of: 0x20) ?? text.endIndex
    let address = charsets.decode(text[start..<end].filter { $0 != 0x20 || hasQuotes }[...], label: nil).shownLine
    let name = HeaderText.decode(text[..<start], charsets: charsets)
    addresses.append(EmailAddress(name: name.isEmpty ? commentText : name, address: address))
  }

  private var shownName: String? {
    let name = HeaderText.decode(phrase[...], charsets: charsets)
    return name.isEmpty ? commentText : name
  }

  private var commentText: String? {
    let text = HeaderText.decode(comment[...], charsets: charsets)
    return text.isEmpty ? nil : text
  }
}
