/// What an HTML element does to the text around it: by its name alone. Attributes and style sheets are not looked at, so
/// text that they hide (`hidden`, `display:none`: mostly the lines that a mail program shows beside the subject) is read,
/// shown and found like any other.
enum HTMLElement {
  /// Nothing: `b`, `span`, `a`.
  case inline
  /// Its text is on lines of its own.
  case block
  /// A block with an empty line around it.
  case paragraph
  case lineBreak
  /// A table's cell.
  case cell
  /// Blanks count.
  case preformatted
  /// Its text is never seen.
  case invisible

  /// From the parser's lower-case, NUL-terminated name.
  init(_ name: UnsafePointer<UInt8>) {
    var key: UInt128 = 0
    var index = 0
    while index <= Self.longestName, unsafe name[index] != 0 {
      key = unsafe key << 8 | UInt128(name[index])
      index += 1
    }
    self = index <= Self.longestName ? Self.table[key] ?? .inline : .inline
  }

  init(name: ArraySlice<UInt8>) {
    let isLong = name.count > Self.longestName
    self = isLong ? .inline : Self.table[name.reduce(0) { $0 << 8 | UInt128($1.lowercasedASCII) }] ?? .inline
  }

  /// Names of this length still fit a key; those of HTML are shorter.
  private static let longestName = 16

  /// By the bytes of the whole name, as one number: `template-card` is no `template`.
  private static let table: [UInt128: HTMLElement] = {
    let names: [(HTMLElement, String)] = [
      (.block, "address article aside body center dd details dialog dir div dl dt fieldset figcaption figure footer"),
      (.block, "form header hgroup html legend li main menu nav ol optgroup option section summary table tbody tfoot"),
      (.block, "thead tr ul caption hr select textarea"),
      (.paragraph, "p blockquote h1 h2 h3 h4 h5 h6"), (.lineBreak, "br"), (.cell, "td th"),
      (.preformatted, "pre listing xmp plaintext"), (.invisible, "script style title template"),
    ]
    var table: [UInt128: HTMLElement] = [:]
    for (element, list) in names {
      for name in list.split(separator: " ") {
        table[name.utf8.reduce(0) { $0 << 8 | UInt128($1) }] = element
      }
    }
    return table
  }()
}
