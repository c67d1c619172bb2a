/// Takes the tags out of HTML whose structure nobody should follow. Knows less than the parser, but is linear whatever it is
/// given.
struct HTMLStripper {
  private var layout: HTMLTextLayout

  init(limit: Int) { layout = HTMLTextLayout(limit: limit) }

  /// There is more text than the limit allowed.
  var isCut: Bool { layout.isFull }

  mutating func strip(_ html: [UInt8]) -> String {
    var index = 0
    var hasMoreTags = true
    while index < html.count, !layout.isFull {
      let byte = html[index]
      if byte == 0x3C, hasMoreTags, index + 1 < html.count, Self.startsTag(html[index + 1]) {
        guard let close = html[index...].firstIndex(of: 0x3E) else {
          hasMoreTags = false
          continue
        }
        index = skip(html, tag: html[(index + 1)..<close])
      } else if byte == 0x26, let (scalar, end) = Self.reference(html, at: index) {
        layout.append(Array(String(scalar).utf8))
        index = end
      } else {
        layout.append(CollectionOfOne(byte))
        index += 1
      }
    }
    return layout.finish()
  }

  private static func startsTag(_ byte: UInt8) -> Bool {
    let letter = byte.lowercasedASCII
    return letter >= 0x61 && letter <= 0x7A || byte == 0x2F || byte == 0x21 || byte == 0x3F
  }

  /// Handles the tag and returns where reading goes on: behind it, or behind the content that nobody sees.
  private mutating func skip(_ html: [UInt8], tag: ArraySlice<UInt8>) -> Int {
    let isEnd = tag.first == 0x2F
    let name = (isEnd ? tag.dropFirst() : tag).prefix { !$0.isSpace && $0 != 0x2F }
    let element = HTMLElement(name: name)
    if isEnd { layout.end(element) } else { layout.start(element) }
    guard case .invisible = element, !isEnd else { return tag.endIndex + 1 }
    var index = tag.endIndex + 1
    while index + name.count + 1 < html.count {
      if html[index] == 0x3C, html[index + 1] == 0x2F,
        html[(index + 2)...].prefix(name.count).elementsEqual(name, by: { $0.lowercasedASCII == $1.lowercasedASCII })
      {
        return index
      }
      index += 1
    }
    return html.count
  }

  /// Numeric references and the five names that matter.
  private static func reference(_ html: [UInt8], at start: Int) -> (Unicode.Scalar, Int)? {
    let window = html[(start + 1)...].prefix(10)
    guard let end = window.firstIndex(of: 0x3B) else { return nil }
    let name = String(decoding: window[..<end], as: UTF8.self)
    let value: UInt32? =
      switch name {
      case "amp": 0x26
      case "lt": 0x3C
      case "gt": 0x3E
      case "quot": 0x22
      case "nbsp": 0x20
      default:
        if name.hasPrefix("#x") || name.hasPrefix("#X") {
          UInt32(name.dropFirst(2), radix: 16)
        } else if name.hasPrefix("#") {
          UInt32(name.dropFirst())
        } else {
          nil
        }
      }
    return value.flatMap(Unicode.Scalar.init).map { ($0, end + 1) }
  }
}
