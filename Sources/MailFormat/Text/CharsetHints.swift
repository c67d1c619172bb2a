/// Text read from bytes, with what was wrong with its label.
struct DecodedText: Sendable {
  var text: String
  var defect: MailDefect?
  /// There is more text than the limit allowed.
  var isCut = false

  /// For one line of a header: controls and line ends are blanks, and there are none at the ends.
  var shownLine: String { text.shownLine }
}

extension DecodedText {
  fileprivate init(_ decoded: ICUCharset.Decoded, defect: MailDefect?) {
    self.init(text: decoded.text, defect: defect, isCut: decoded.isCut)
  }
}

extension String {
  /// As `utf8.contains`, but at the speed of memory: every text passes here.
  func contains(byte: UInt8) -> Bool {
    let bytes = utf8.span
    for index in 0..<bytes.count where bytes[index] == byte { return true }
    return false
  }

  var shownLine: String {
    let bytes = utf8.span
    var isClean = bytes.isEmpty || bytes[0] != 0x20 && bytes[bytes.count - 1] != 0x20
    for index in 0..<bytes.count where bytes[index] < 0x20 || bytes[index] == 0x7F { isClean = false }
    if isClean { return self }
    var line: [UInt8] = []
    line.reserveCapacity(bytes.count)
    for index in 0..<bytes.count {
      let byte = bytes[index]
      if byte.isSpace {
        if !line.isEmpty { line.append(0x20) }
      } else if byte > 0x20 && byte != 0x7F {
        line.append(byte)
      }
    }
    while line.last == 0x20 { line.removeLast() }
    return String(decoding: line, as: UTF8.self)
  }
}

/// Reads bytes as text: by their label when it is right, by what they are when it is wrong or missing.
///
/// Valid UTF-8 that is not ASCII is hardly ever anything else, so it wins over a missing label and over labels of
/// single-byte charsets. Otherwise the label counts while the bytes obey it; then ICU's detector is asked, and last the
/// bytes are windows-1252, in which everything is something.
struct CharsetHints: Sendable {
  /// What raw bytes without a label are likely to be: the charset that the mail names elsewhere.
  var fallback: CharsetLabel?

  init(fallback: CharsetLabel? = nil) { self.fallback = fallback }

  /// By the first of the mail's text parts whose charset says more than ASCII; a nested mail's parts are its own.
  init(_ tree: MIMETree, mail: Int, otherwise fallback: CharsetLabel? = nil) {
    self.fallback = fallback
    for part in tree.parts(of: mail).prefix(100) where tree.parts[part].contentType.type == "text" {
      guard tree.parts[part].kind == .leaf, let label = tree.parts[part].contentType.parameters.bytes("charset") else {
        continue
      }
      if case .other(let name) = CharsetLabel.named(label[...].plainText).label {
        self.fallback = .other(name)
        return
      }
    }
  }

  func decode(_ bytes: ArraySlice<UInt8>, label: String?, limit: Int = .max) -> DecodedText {
    let (charset, isUnknown) = label.map(CharsetLabel.named) ?? (nil, false)
    var decoded = decode(bytes, as: charset == .ascii ? nil : charset, limit: limit)
    if charset == .ascii && decoded.defect != nil { decoded.defect = .charsetMislabelled }
    if isUnknown { decoded.defect = .charsetUnknown }
    if decoded.text.contains(byte: 0) { decoded.text.unicodeScalars.removeAll { $0.value == 0 } }
    return decoded
  }

  private func decode(_ bytes: ArraySlice<UInt8>, as charset: CharsetLabel?, limit: Int) -> DecodedText {
    if charset?.isASCIISuperset ?? true {
      let check = UTF8Check(bytes)
      if !check.hasHighBytes {
        // The label of unlabelled mail can be forgotten along with its escapes.
        if charset == nil, bytes.contains(0x1B), let text = japanese(bytes, limit: limit) {
          return DecodedText(text, defect: .charsetMissing)
        }
        return utf8(bytes, defect: nil, limit: limit)
      }
      if check.isValid, charset == nil || charset == .utf8 || charset == .western {
        let defect: MailDefect? = charset == .utf8 ? nil : charset == nil ? .charsetMissing : .charsetMislabelled
        return utf8(bytes, defect: defect, limit: limit)
      }
      // Damaged, or cut in the middle of a character, but nothing else than UTF-8.
      if charset == .utf8, check.sequenceCount >= 2 * check.errorCount {
        return utf8(bytes, defect: .charsetMislabelled, limit: limit)
      }
      if case .other = charset {
        return labelled(bytes, charset: charset, check: check, limit: limit)
      }
    } else if case .other(let name) = charset, name.hasPrefix("utf-16"), !bytes.contains(0), UTF8Check(bytes).isValid {
      return utf8(bytes, defect: .charsetMislabelled, limit: limit)
    } else if let charset, let text = converted(bytes, as: charset, limit: limit) {
      return DecodedText(text, defect: text.errorCount > 0 ? .charsetMislabelled : nil)
    }
    return guessed(bytes, declared: charset, limit: limit)
  }

  /// A charset that ICU converts, unless the bytes are plainly UTF-8 or break it too often.
  private func labelled(
    _ bytes: ArraySlice<UInt8>, charset: CharsetLabel?, check: UTF8Check, limit: Int
  ) -> DecodedText {
    guard let charset, let converted = converted(bytes, as: charset, limit: limit) else {
      return guessed(bytes, declared: charset, limit: limit)
    }
    if converted.errorCount == 0 && !(check.isValid && check.sequenceCount > 2) {
      return DecodedText(converted, defect: nil)
    }
    if check.isValid { return utf8(bytes, defect: .charsetMislabelled, limit: limit) }
    let highCount = bytes.prefix(converted.byteCount).count { $0 >= 0x80 }
    if converted.errorCount * 10 <= highCount { return DecodedText(converted, defect: .charsetMislabelled) }
    return guessed(bytes, declared: charset, limit: limit)
  }

  private func guessed(_ bytes: ArraySlice<UInt8>, declared: CharsetLabel?, limit: Int) -> DecodedText {
    let defect: MailDefect = declared == nil ? .charsetMissing : .charsetMislabelled
    // Latin-1 is believed: short western texts are beyond the detector.
    if declared == .western { return windows1252(bytes, defect: nil, limit: limit) }
    if let fallback, fallback != declared, fallback != .utf8,
      let text = converted(bytes, as: fallback, limit: limit), text.errorCount == 0
    {
      return DecodedText(text, defect: defect)
    }
    if Self.looksWestern(bytes) { return windows1252(bytes, defect: defect, limit: limit) }
    for name in ICUCharset.detect(bytes) where Self.isPlausible(name) {
      let charset = CharsetLabel.named(name).label
      if let charset, charset != declared, let text = converted(bytes, as: charset, limit: limit), text.errorCount == 0
      {
        return DecodedText(text, defect: defect)
      }
    }
    return windows1252(bytes, defect: defect, limit: limit)
  }

  /// A few lone bytes among ASCII are accented letters; the detector, which needs more, makes Chinese of them.
  private static func looksWestern(_ bytes: ArraySlice<UInt8>) -> Bool {
    var highCount = 0
    var runCount = 0
    var isInRun = false
    for byte in bytes {
      if byte >= 0x80 {
        highCount += 1
        if !isInRun { runCount += 1 }
      }
      isInRun = byte >= 0x80
    }
    return highCount <= 32 && highCount - runCount <= runCount / 4
  }

  /// The detector also knows charsets that mail is never in.
  private static func isPlausible(_ name: String) -> Bool {
    !name.hasPrefix("UTF-16") && !name.hasPrefix("UTF-32") && !name.hasPrefix("IBM") && name != "UTF-8"
  }

  private func utf8(_ bytes: ArraySlice<UInt8>, defect: MailDefect?, limit: Int) -> DecodedText {
    var slice = bytes
    if slice.starts(with: [0xEF, 0xBB, 0xBF]) { slice = slice.dropFirst(3) }
    let isCut = slice.count > limit
    return DecodedText(
      text: String(decoding: slice.utf8Prefix(limit), as: UTF8.self), defect: defect, isCut: isCut)
  }

  private func windows1252(_ bytes: ArraySlice<UInt8>, defect: MailDefect?, limit: Int) -> DecodedText {
    ICUCharset.decode(bytes, as: "windows-1252", limit: limit).map { DecodedText($0, defect: defect) }
      ?? utf8(bytes, defect: defect, limit: limit)
  }

  private func japanese(_ bytes: ArraySlice<UInt8>, limit: Int) -> ICUCharset.Decoded? {
    guard let shiftJIS = ISO2022JP.shiftJIS(bytes), shiftJIS.contains(where: { $0 >= 0x80 }),
      let text = ICUCharset.decode(shiftJIS[...], as: "windows-31j", limit: limit), text.errorCount == 0
    else { return nil }
    return text
  }

  private func converted(_ bytes: ArraySlice<UInt8>, as charset: CharsetLabel, limit: Int) -> ICUCharset.Decoded? {
    switch charset {
    case .utf8: return ICUCharset.decode(bytes, as: "utf-8", limit: limit)
    case .ascii, .western: return ICUCharset.decode(bytes, as: "windows-1252", limit: limit)
    case .other(let name): return ICUCharset.decode(bytes, as: name, limit: limit)
    case .iso2022JP:
      guard let shiftJIS = ISO2022JP.shiftJIS(bytes) else {
        return ICUCharset.decode(bytes, as: "ISO-2022-JP-2", limit: limit)
      }
      return ICUCharset.decode(shiftJIS[...], as: "windows-31j", limit: limit)
    }
  }
}
