/// What a charset label means in mail, which is seldom what it says: the names people and programs write are mapped to the
/// ICU converter that reads what they then send (as the WHATWG Encoding Standard does for the web).
enum CharsetLabel: Hashable, Sendable {
  case utf8
  /// Says that there is nothing but ASCII: of other bytes it says nothing.
  case ascii
  /// Latin-1, which in mail means windows-1252.
  case western
  case iso2022JP
  /// Any other charset that ICU knows, by its ICU name.
  case other(String)

  /// `nil` when the label is empty or says that the charset is not known.
  static func named(_ label: String) -> (label: CharsetLabel?, isUnknown: Bool) {
    var name = label.utf8.prefix(64).filter { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x27 }.map(
      \.lowercasedASCII)[...]
    if name.starts(with: Array("charset=".utf8)) { name = name.dropFirst(8) }
    let key = String(decoding: name.map { $0 == 0x5F ? 0x2D : $0 }, as: UTF8.self)
    switch key {
    case "", "unknown", "unknown-8bit", "x-unknown", "8bit", "7bit", "default", "default-charset", "none", "binary":
      return (nil, false)
    case "utf-8", "utf8", "utf-8-sig", "unicode-1-1-utf-8", "utf8mb4", "cp65001", "utf", "x-utf-8", "unicode-2-0-utf-8":
      return (.utf8, false)
    case "us-ascii", "ascii", "usascii", "ansi-x3.4-1968", "iso646-us", "iso-ir-6", "646", "csascii":
      return (.ascii, false)
    case "iso-8859-1", "iso8859-1", "iso88591", "iso-8859", "8859-1", "latin1", "latin-1", "l1", "iso-ir-100", "cp819",
      "windows-1252", "cp1252", "cp-1252", "win-1252", "x-cp1252", "windows1252", "x-ansi", "ansi":
      return (.western, false)
    case "iso-2022-jp", "iso2022-jp", "iso-2022-jp-ms", "cp50220", "cp50221", "cp50222", "csiso2022jp", "jis":
      return (.iso2022JP, false)
    default:
      let converter = aliases[key] ?? key
      guard !converter.isEmpty, ICUCharset.isKnown(converter) else { return (nil, true) }
      return (.other(converter), false)
    }
  }

  /// Spellings that ICU lacks, and charsets that are read as their superset.
  private static let aliases: [String: String] = [
    "ks-c-5601-1987": "windows-949", "ks-c-5601-1989": "windows-949", "ks-c-5601": "windows-949",
    "ksc5601": "windows-949", "ksc-5601": "windows-949", "ks-c5601-1987": "windows-949", "korean": "windows-949",
    "euc-kr": "windows-949", "euckr": "windows-949", "cp949": "windows-949", "x-windows-949": "windows-949",
    "uhc": "windows-949", "ms949": "windows-949", "cseuckr": "windows-949", "iso-ir-149": "windows-949",
    "gb2312": "gb18030", "gb-2312": "gb18030", "gb-2312-80": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030",
    "cp936": "gb18030", "ms936": "gb18030", "euc-cn": "gb18030", "gb": "gb18030", "chinese": "gb18030",
    "windows-936": "gb18030", "csgb2312": "gb18030", "hz-gb-2312": "HZ", "hz": "HZ",
    "shift-jis": "windows-31j", "shiftjis": "windows-31j", "sjis": "windows-31j", "x-sjis": "windows-31j",
    "cp932": "windows-31j", "ms932": "windows-31j", "ms-kanji": "windows-31j", "windows-932": "windows-31j",
    "x-ms-cp932": "windows-31j", "eucjp": "euc-jp", "x-euc-jp": "euc-jp", "ujis": "euc-jp",
    "big5": "windows-950", "big-5": "windows-950", "x-x-big5": "windows-950", "cn-big5": "windows-950",
    "cp950": "windows-950", "ms950": "windows-950", "big5-hkscs": "Big5-HKSCS",
    "iso-8859-9": "windows-1254", "latin5": "windows-1254", "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6", "iso-8859-11": "windows-874", "tis-620": "windows-874", "tis620": "windows-874",
    "koi8r": "koi8-r", "koi8u": "koi8-u", "utf7": "utf-7", "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7",
    "utf16": "utf-16", "unicode": "utf-16", "ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16",
    "cp1250": "windows-1250", "cp1251": "windows-1251", "win-1251": "windows-1251", "windows1251": "windows-1251",
    "cp-850": "cp850", "iso8859-2": "iso-8859-2", "iso8859-15": "iso-8859-15", "latin-9": "iso-8859-15",
    "macintosh": "macintosh", "x-mac-roman": "macintosh", "x-mac-cyrillic": "x-mac-cyrillic",
  ]

  /// Whether bytes below 0x80 are ASCII, so that ASCII bytes need no converter.
  var isASCIISuperset: Bool {
    switch self {
    case .utf8, .ascii, .western: return true
    case .iso2022JP: return false
    case .other(let name):
      let lower = name.lowercased()
      return ![
        "utf-7", "utf-16", "utf-32", "iso-2022", "iso2022", "hz", "imap", "scsu", "bocu", "ebcdic", "ibm", "cp037",
        "cp5",
      ]
      .contains { lower.hasPrefix($0) }
    }
  }
}
