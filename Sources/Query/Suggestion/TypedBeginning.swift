/// What was typed of a word, against what it may become, without regard to case. Nearly all names are ASCII, and are compared
/// as they lie; of others small letters are made first.
struct TypedBeginning {
  /// In small letters.
  private let text: String
  private let bytes: [UInt8]

  init(_ typed: String) {
    text = typed.lowercased()
    bytes = Array(text.utf8)
  }

  // MARK: Words

  /// Whether a word of the text, which is UTF-8, begins so. Not for nothing typed.
  func begins(in text: ArraySlice<UInt8>) -> Bool {
    if Self.isASCII(text.span) { return begins(inFolded: text.span) }
    let folded = Array(String(decoding: text, as: UTF8.self).lowercased().utf8)
    return begins(inFolded: folded.span)
  }

  /// The same of a text in which all letters but those of ASCII are small.
  func begins(inFolded text: Span<UInt8>) -> Bool {
    guard let first = bytes.first, text.count >= bytes.count else { return false }
    var isStart = true
    for start in 0...(text.count - bytes.count) {
      let byte = Self.small(text[start])
      if isStart, byte == first, stands(in: text, at: start) { return true }
      isStart = !Self.isOfWord(byte)
    }
    return false
  }

  /// A letter or a digit; of what is not ASCII anything. By differences, for every byte of every name is asked.
  private static func isOfWord(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte >= 0x80
  }

  // MARK: Folders

  /// Whether a folder's name begins so, or what stands in it behind a slash. By characters: `e` is not how `é` begins.
  func begins(folder name: String) -> Bool {
    let own = name.utf8.span
    guard Self.isASCII(own), Self.isASCII(bytes.span), !bytes.contains(UInt8(ascii: "\r")) else {
      return name.split(separator: "/").contains { $0.lowercased().hasPrefix(text) }
        || name.lowercased().hasPrefix(text)
    }
    guard own.count >= bytes.count else { return false }
    if stands(in: own, at: 0) { return true }
    // No part has a slash.
    if bytes.contains(UInt8(ascii: "/")) { return false }
    for start in 0..<own.count - bytes.count where own[start] == UInt8(ascii: "/") {
      if stands(in: own, at: start + 1) { return true }
    }
    return false
  }

  // MARK: Bytes

  private func stands(in text: Span<UInt8>, at start: Int) -> Bool {
    for index in bytes.indices where Self.small(text[start + index]) != bytes[index] { return false }
    return true
  }

  private static func isASCII(_ text: Span<UInt8>) -> Bool {
    for index in text.indices where text[index] >= 0x80 { return false }
    return true
  }

  private static func small(_ byte: UInt8) -> UInt8 { byte | (byte &- 65 < 26 ? 32 : 0) }
}
