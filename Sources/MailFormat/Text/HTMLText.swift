import CXML2

/// The visible text of HTML, by libxml2's forgiving SAX parser: no script, style or title; blocks are lines; references
/// are characters.
enum HTMLText {
  struct Result {
    var text: String
    /// There is more text than the limit allowed.
    var isCut: Bool
    /// The structure was beyond the limits; the tags were only taken out.
    var isStructureLost: Bool
  }

  /// - Parameter limit: UTF-8 bytes of text.
  static func extract(_ html: String, limit: Int) -> Result {
    if isLibraryReady, let parsed = parse(html, limit: limit) { return parsed }
    var stripper = HTMLStripper(limit: limit)
    let text = stripper.strip(Array(html.utf8))
    return Result(text: text, isCut: stripper.isCut, isStructureLost: true)
  }

  private static let isLibraryReady: Bool = {
    xmlInitParser()
    return true
  }()

  /// `nil` when the parser gave up.
  private static func parse(_ html: String, limit: Int) -> Result? {
    let sink = HTMLTextSink(html, limit: limit)
    guard parse(into: sink), !sink.hasGivenUp else { return nil }
    return Result(text: sink.finish(), isCut: sink.isCut, isStructureLost: false)
  }

  /// False when there is no parser to be had.
  static func parse(into sink: HTMLTextSink) -> Bool {
    guard let context = unsafe htmlNewParserCtxt() else { return false }
    defer { unsafe htmlFreeParserCtxt(context) }
    let options =
      HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
      | HTML_PARSE_NONET.rawValue | HTML_PARSE_IGNORE_ENC.rawValue
    return withExtendedLifetime(sink) {
      let pointer = unsafe Unmanaged.passUnretained(sink).toOpaque()
      unsafe context.pointee.sax.pointee = handlers
      unsafe context.pointee.userData = pointer
      let document = unsafe htmlCtxtReadIO(context, readInput, nil, pointer, nil, "UTF-8", CInt(bitPattern: options))
      if let document = unsafe document { unsafe xmlFreeDoc(document) }
      return true
    }
  }

  private static let readInput: xmlInputReadCallback = { context, buffer, count in
    guard let sink = unsafe HTMLText.sink(context) else { return -1 }
    return unsafe CInt(sink.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: Int(count))))
  }

  /// Only what text needs: without the other callbacks libxml2 builds no tree.
  private static var handlers: xmlSAXHandler {
    var handlers = unsafe xmlSAXHandler()
    unsafe handlers.startElement = { context, name, _ in
      guard let name = unsafe name else { return }
      unsafe HTMLText.sink(context)?.start(HTMLElement(name))
    }
    unsafe handlers.endElement = { context, name in
      guard let name = unsafe name else { return }
      unsafe HTMLText.sink(context)?.end(HTMLElement(name))
    }
    unsafe handlers.characters = { context, bytes, count in
      unsafe HTMLText.sink(context)?.append(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
    unsafe handlers.ignorableWhitespace = unsafe handlers.characters
    // Script and style come as characters too where nothing takes CDATA; the sink does not read them.
    return unsafe handlers
  }

  private static func sink(_ context: UnsafeMutableRawPointer?) -> HTMLTextSink? {
    unsafe context.map { unsafe Unmanaged<HTMLTextSink>.fromOpaque($0).takeUnretainedValue() }
  }
}
