/// One header field by its place in the mail's bytes.
struct RawField: Hashable, Sendable {
  var name: Range<Int>
  /// Up to the line end that closes the field: folds are inside.
  var value: Range<Int>
}

/// One entity of a mail (RFC 2045 §2.4), by its place in the mail's bytes.
struct MIMEPart: Sendable {
  enum Kind: Sendable {
    case leaf
    case multipart
    /// A nested mail; its only child is that mail's outermost part.
    case message
  }

  var kind = Kind.leaf
  /// All fields of a mail's outermost part, but only those that describe content of any other.
  var fields: [RawField] = []
  var contentType = ContentType()
  var encoding = TransferEncoding.identity
  /// From after the blank line to before the line end that belongs to the next delimiter (RFC 2046 §5.1.1).
  var body = 0..<0
  var parent: Int?
  /// Its place among the children of its parent, from 1.
  var number = 1
  var children: [Int] = []
}

/// A mail taken apart. Parts lie in the order of their headers; index 0 is the mail itself.
struct MIMETree: Sendable {
  let bytes: [UInt8]
  var parts: [MIMEPart]
  var defects: DefectSet

  /// The mail itself.
  static let root = 0

  func content(_ part: Int) -> ArraySlice<UInt8> { bytes[parts[part].body] }

  /// The first field of that name (given in lower case), unfolded by the caller.
  func field(_ name: String, of part: Int) -> ArraySlice<UInt8>? {
    for field in parts[part].fields where bytes[field.name].isNamed(name) { return bytes[field.value] }
    return nil
  }

  func fields(_ name: String, of part: Int) -> [ArraySlice<UInt8>] {
    parts[part].fields.compactMap { bytes[$0.name].isNamed(name) ? bytes[$0.value] : nil }
  }

  /// The part and all inside it: they stand together, as each header follows that of what holds it.
  func parts(of part: Int) -> some Sequence<Int> {
    (part..<parts.count).lazy.prefix { $0 == part || (parts[$0].parent ?? -1) >= part }
  }

  /// The part's place as IMAP counts it: a lone part is `1`, the children of a multipart are numbered, and a nested
  /// mail's parts continue the number of the part that holds it (RFC 3501 §6.4.5).
  func path(of part: Int) -> String {
    var numbers: [Int] = []
    var current = part
    while let parent = parts[current].parent {
      switch parts[parent].kind {
      case .multipart: numbers.append(parts[current].number)
      case .message where parts[current].kind != .multipart: numbers.append(1)
      case .message, .leaf: break
      }
      current = parent
    }
    if parts[Self.root].kind != .multipart { numbers.append(1) }
    return numbers.reversed().map(String.init).joined(separator: ".")
  }

  /// The part with that path; the path of a nested mail's multipart, which has no number, is the mail's own.
  func part(at path: String) -> Int? {
    var numbers = path.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }[...]
    guard !numbers.isEmpty, !numbers.contains(nil) else { return nil }
    var current = Self.root
    if parts[current].kind != .multipart {
      guard numbers.removeFirst() == 1 else { return nil }
    }
    while let number = numbers.popFirst() ?? nil {
      if parts[current].kind == .message, let inner = parts[current].children.first {
        current = inner
        if parts[current].kind != .multipart {
          guard number == 1 else { return nil }
          continue
        }
      }
      guard parts[current].kind == .multipart, number >= 1, number <= parts[current].children.count else { return nil }
      current = parts[current].children[number - 1]
    }
    return parts[current].kind == .multipart ? nil : current
  }
}
