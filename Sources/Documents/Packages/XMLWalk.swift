import CXML2

/// Walks over an XML document in memory, by libxml2's reader: its elements and text, in order, and nothing kept.
///
/// Entities are not resolved and nothing outside is fetched: neither is ever asked for. Elements deeper than 256 and single
/// texts over 10 MB end the walk, as does whatever is not well-formed.
enum XMLWalk {
  enum Event {
    /// The element's name without its prefix.
    case start(String)
    case end(String)
    case text([UInt8])
  }

  /// Asks for an attribute of the element that starts, by its name without a prefix.
  @safe struct Attributes {
    fileprivate let reader: xmlTextReaderPtr

    subscript(name: String) -> String? {
      guard unsafe xmlTextReaderMoveToFirstAttribute(reader) == 1 else { return nil }
      defer { unsafe _ = xmlTextReaderMoveToElement(reader) }
      repeat {
        if unsafe XMLWalk.name(reader) == name {
          return unsafe xmlTextReaderConstValue(reader).map { unsafe String(cString: $0) }
        }
      } while unsafe xmlTextReaderMoveToNextAttribute(reader) == 1
      return nil
    }
  }

  /// - Parameter body: called with each event, and true to go on.
  /// - Returns: false where the document is not well-formed up to where the walk ended.
  static func walk(_ xml: [UInt8], _ body: (Event, Attributes) -> Bool) -> Bool {
    let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
    return unsafe xml.withUnsafeBytes { bytes in
      let start = unsafe bytes.bindMemory(to: CChar.self).baseAddress
      guard let count = CInt(exactly: bytes.count),
        let reader = unsafe xmlReaderForMemory(start, count, nil, nil, CInt(options))
      else { return false }
      defer { unsafe xmlFreeTextReader(reader) }
      return unsafe walk(reader, body)
    }
  }

  private static func walk(_ reader: xmlTextReaderPtr, _ body: (Event, Attributes) -> Bool) -> Bool {
    let attributes = unsafe Attributes(reader: reader)
    while true {
      let status = unsafe xmlTextReaderRead(reader)
      if status != 1 { return status == 0 }
      switch unsafe xmlReaderTypes(rawValue: UInt32(bitPattern: xmlTextReaderNodeType(reader))) {
      case XML_READER_TYPE_ELEMENT:
        let name = unsafe name(reader)
        guard body(.start(name), attributes) else { return true }
        if unsafe xmlTextReaderIsEmptyElement(reader) == 1, !body(.end(name), attributes) { return true }
      case XML_READER_TYPE_END_ELEMENT:
        guard unsafe body(.end(name(reader)), attributes) else { return true }
      case XML_READER_TYPE_TEXT, XML_READER_TYPE_CDATA, XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        guard unsafe body(.text(text(reader)), attributes) else { return true }
      // Mostly one that stands for a blank.
      case XML_READER_TYPE_ENTITY_REFERENCE:
        guard body(.text([0x20]), attributes) else { return true }
      default: break
      }
    }
  }

  private static func name(_ reader: xmlTextReaderPtr) -> String {
    unsafe xmlTextReaderConstLocalName(reader).map { unsafe String(cString: $0) } ?? ""
  }

  private static func text(_ reader: xmlTextReaderPtr) -> [UInt8] {
    guard let value = unsafe xmlTextReaderConstValue(reader) else { return [] }
    return unsafe Array(UnsafeBufferPointer(start: value, count: Int(xmlStrlen(value))))
  }
}
