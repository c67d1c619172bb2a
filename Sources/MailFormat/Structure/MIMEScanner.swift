/// Finds the parts of a mail in one pass over its bytes (RFC 2046 §5.1), lenient as mail demands.
///
/// Why not GMime's parser: it has no limit on parts and header fields and makes an object of each (20 MB of empty parts
/// take it 5 GB and 16 s), it ends a header at a NUL byte, and it does not tell where a nested mail ends, which
/// byte-exact splitting needs. The tests compare the two on whole corpora.
///
/// The scanner keeps the stack of open parts. A line that starts with `--` is looked up among the boundaries of the open
/// multiparts by one hash, so nesting costs nothing per line:
///
///     delimiter of an open multipart   closes the parts inside it, and opens its next part
///     its closing delimiter            closes the multipart; what follows, up to an outer delimiter, is its epilogue
///     end of the bytes                 closes everything
///
/// - Complexity: linear in the bytes, whatever they hold.
struct MIMEScanner {
  private struct OpenMultipart {
    var boundary: ArraySlice<UInt8>
    var part: Int
    /// What the boundary meant before: the same boundary of an outer multipart, to be found again later.
    var shadowed: Int?
  }

  let bytes: [UInt8]
  let limits: MailLimits
  let end: Int
  private let newline: UInt8
  var tree: MIMETree
  /// From the mail to the part being read.
  private var open: [Int] = []
  private var multiparts: [OpenMultipart] = []
  /// Boundary to place in `multiparts`.
  private var boundaries: [ArraySlice<UInt8>: Int] = [:]
  private var longestBoundary = 0
  /// Header fields that the headers of nested mails and parts may still have.
  var nestedFieldBudget: Int

  static func scan(_ bytes: [UInt8], limits: MailLimits) -> MIMETree {
    var scanner = MIMEScanner(bytes, limits: limits)
    scanner.run()
    return scanner.tree
  }

  private init(_ bytes: [UInt8], limits: MailLimits) {
    self.bytes = bytes
    self.limits = limits
    end = min(bytes.count, limits.byteCount)
    let line = LineFacts(bytes.span, end: end)
    newline = line.newline
    tree = MIMETree(bytes: bytes, parts: [], defects: line.defects)
    if end < bytes.count { tree.defects.note(.sizeLimit) }
    nestedFieldBudget = limits.headerFieldCount
  }

  private mutating func run() {
    var position = readEntity(at: 0, parent: nil, isMail: true, implied: ContentType())
    while let line = nextDelimiter(from: position) {
      position = line.end
      close(downTo: multiparts[line.multipart].part, at: line.contentEnd)
      popMultiparts(downTo: line.multipart + 1)
      if line.isClosing {
        popMultipart()
      } else {
        let parent = multiparts[line.multipart].part
        position = readEntity(at: position, parent: parent, isMail: false, implied: impliedType(in: parent))
      }
    }
    popMultiparts(downTo: 0)
    close(downTo: nil, at: end)
    keepChildlessMultipartsAsText()
  }

  // MARK: - Entities

  /// Reads the header at `start` and opens the part. Returns where to look for the next delimiter.
  private mutating func readEntity(at start: Int, parent: Int?, isMail: Bool, implied: ContentType) -> Int {
    var (start, parent, isMail, implied) = (start, parent, isMail, implied)
    while true {
      let header = readHeader(at: start, isMail: isMail, isOutermost: parent == nil)
      let part = append(header, parent: parent, isMail: isMail, implied: implied)
      guard header.hasBody else { return header.end }
      guard tree.parts[part].kind == .message else {
        if tree.parts[part].kind == .multipart { pushMultipart(part) }
        return header.end
      }
      // A nested mail: its own header follows at once.
      (start, parent, isMail, implied) = (header.end, part, true, ContentType())
    }
  }

  private mutating func append(_ header: Header, parent: Int?, isMail: Bool, implied: ContentType) -> Int {
    var part = MIMEPart()
    part.parent = parent
    part.body = header.end..<header.end
    part.contentType = implied
    var isTyped = false
    var isEncoded = false
    for field in header.fields {
      let name = bytes[field.name]
      if name.isNamed("content-type") && !isTyped {
        isTyped = true
        if let type = ContentType(bytes[field.value]) {
          part.contentType = type
        } else if !bytes[field.value].trimmed.isEmpty {
          tree.defects.note(.malformedContentType)
        }
      } else if name.isNamed("content-transfer-encoding") && !isEncoded {
        isEncoded = true
        part.encoding = TransferEncoding(label: bytes[field.value].trimmed)
      }
      if isMail || name.count > 8 && name.prefix(8).isNamed("content-") { part.fields.append(field) }
    }
    let isContainer =
      part.contentType.isMultipart || part.contentType.isMessage && part.encoding.isIdentity
    if isContainer && header.hasBody {
      if open.count >= limits.nesting || tree.parts.count >= limits.partCount {
        tree.defects.note(open.count >= limits.nesting ? .nestingLimit : .partLimit)
        part.contentType = ContentType()
        part.encoding = .identity
      } else {
        part.kind = part.contentType.isMultipart ? .multipart : .message
      }
    }
    let index = tree.parts.count
    tree.parts.append(part)
    if let parent {
      tree.parts[parent].children.append(index)
      tree.parts[index].number = tree.parts[parent].children.count
    }
    open.append(index)
    return index
  }

  /// RFC 2046 §5.1.5: the parts of a digest are mails unless they say otherwise.
  private func impliedType(in parent: Int) -> ContentType {
    tree.parts[parent].contentType.subtype == "digest" ? ContentType(type: "message", subtype: "rfc822") : ContentType()
  }

  private mutating func close(downTo part: Int?, at position: Int) {
    while let last = open.last, last != part {
      tree.parts[last].body = tree.parts[last].body.lowerBound..<max(tree.parts[last].body.lowerBound, position)
      open.removeLast()
    }
  }

  /// A multipart in which no delimiter was found is shown as the text it is.
  private mutating func keepChildlessMultipartsAsText() {
    for index in tree.parts.indices
    where tree.parts[index].kind == .multipart && tree.parts[index].children.isEmpty {
      tree.defects.note(.missingBoundary)
      tree.parts[index].kind = .leaf
      tree.parts[index].contentType = ContentType()
    }
  }

  // MARK: - Boundaries

  private mutating func pushMultipart(_ part: Int) {
    guard let boundary = boundary(of: part) else {
      tree.defects.note(.missingBoundary)
      return
    }
    multiparts.append(OpenMultipart(boundary: boundary, part: part, shadowed: boundaries[boundary]))
    boundaries[boundary] = multiparts.count - 1
    longestBoundary = max(longestBoundary, boundary.count)
  }

  private mutating func popMultipart() {
    guard let last = multiparts.popLast() else { return }
    boundaries[last.boundary] = last.shadowed
  }

  private mutating func popMultiparts(downTo count: Int) {
    while multiparts.count > count {
      tree.defects.note(.unclosedMultipart)
      popMultipart()
    }
  }

  /// The boundary parameter; where there is none, what follows `--` in the first line that is not blank.
  private func boundary(of part: Int) -> ArraySlice<UInt8>? {
    if let declared = tree.parts[part].contentType.parameters.bytes("boundary") {
      var slice = declared[...]
      while let last = slice.last, last.isBlank { slice.removeLast() }
      if !slice.isEmpty { return Array(slice)[...] }
    }
    var start = tree.parts[part].body.lowerBound
    while start < end {
      let line = lineRange(at: start)
      let text = bytes[line.text].trimmed
      if text.starts(with: [0x2D, 0x2D]), text.count > 2, text.count < 256 { return Array(text.dropFirst(2))[...] }
      if !text.isEmpty { return nil }
      start = line.end
    }
    return nil
  }

  private struct Delimiter {
    var multipart: Int
    var isClosing: Bool
    /// Where the content before it ends: the line end before the delimiter belongs to the delimiter.
    var contentEnd: Int
    var end: Int
  }

  private mutating func nextDelimiter(from position: Int) -> Delimiter? {
    guard !multiparts.isEmpty else { return nil }
    var start = position
    while let line = Self.nextDashLine(bytes.span, from: start, end: end, newline: newline) {
      let range = lineRange(at: line)
      start = range.end
      guard let found = delimiter(range.text) else { continue }
      if !found.isClosing && tree.parts.count >= limits.partCount {
        tree.defects.note(.partLimit)
        return nil
      }
      return Delimiter(
        multipart: found.multipart, isClosing: found.isClosing, contentEnd: endOfLine(before: line), end: range.end)
    }
    return nil
  }

  /// Which open multipart this line delimits.
  func delimiter(_ line: Range<Int>) -> (multipart: Int, isClosing: Bool)? {
    guard line.count > 2, bytes[line.lowerBound] == 0x2D, bytes[line.lowerBound + 1] == 0x2D else { return nil }
    var text = bytes[(line.lowerBound + 2)..<line.upperBound]
    while let last = text.last, last.isSpace { text.removeLast() }
    guard text.count <= longestBoundary + 2 else { return nil }
    if let multipart = boundaries[text] { return (multipart, false) }
    guard text.count > 2, text.suffix(2).elementsEqual([0x2D, 0x2D]) else { return nil }
    return boundaries[text.dropLast(2)].map { ($0, true) }
  }

  /// The next line that starts with two dashes; `start` is at the start of a line.
  private static func nextDashLine(_ bytes: Span<UInt8>, from start: Int, end: Int, newline: UInt8) -> Int? {
    var index = start
    while index &+ 1 < end {
      if bytes[index] == 0x2D && bytes[index &+ 1] == 0x2D { return index }
      while index < end && bytes[index] != newline { index &+= 1 }
      index &+= 1
    }
    return nil
  }

  // MARK: - Lines

  /// The line at `start`: its bytes without the line end, and where the next one starts.
  func lineRange(at start: Int) -> (text: Range<Int>, end: Int) {
    let stop = Self.endOfLine(bytes.span, from: start, end: end, newline: newline)
    var textEnd = stop
    if newline == 0x0A, textEnd > start, bytes[textEnd - 1] == 0x0D { textEnd -= 1 }
    return (start..<textEnd, min(stop + 1, end))
  }

  private static func endOfLine(_ bytes: Span<UInt8>, from start: Int, end: Int, newline: UInt8) -> Int {
    var index = start
    while index < end && bytes[index] != newline { index &+= 1 }
    return index
  }

  /// `start` without the line end before it.
  private func endOfLine(before start: Int) -> Int {
    guard start > 0 else { return start }
    return newline == 0x0A && start > 1 && bytes[start - 2] == 0x0D ? start - 2 : start - 1
  }
}
