/// The word at the end of a text that is being typed: what suggestions complete.
struct QueryFragment {
  /// All that stands before the word, with the operator that it is the value of.
  let before: String
  /// The operator that the word belongs to, by its first name: before it, or before the group that it stands in.
  let name: String?
  /// What was typed of the word, without the quote that opens it; of a date with the words before it: `last w`.
  let text: String

  init(_ query: String) {
    var reader = Reader(query)
    reader.read()
    before = reader.scanner.typed(0..<reader.start)
    name = (reader.own ?? reader.group)?.names[0]
    let word = reader.scanner.text(reader.start..<reader.scanner.count)
    text = QueryScanner.plain(word).hasPrefix("\"") ? String(word.dropFirst()) : word
  }

  private struct Reader {
    var scanner: QueryScanner
    /// Of the word that is being typed.
    var start = 0
    /// The operator right before it.
    var own: QueryOperator?
    /// Of the groups that are open here, each with the operator that it belongs to.
    var groups: [QueryOperator?] = []

    init(_ query: String) { scanner = QueryScanner(query) }

    /// What the group belongs to that is open here.
    var group: QueryOperator? { groups.last.flatMap { $0 } }

    /// Goes to the end of the text.
    mutating func read() {
      while true {
        scanner.skipBlanks()
        begin()
        guard let scalar = scanner.current else { return }
        switch scalar {
        case "\"": if !skipQuoted() { return }
        case "(", "{": open(nil)
        case ")", "}":
          groups.removeLast(groups.isEmpty ? 0 : 1)
          scanner.advance()
        case "-": scanner.advance()
        default: if !readWord() { return }
        }
      }
    }

    private mutating func begin() {
      start = scanner.position
      own = nil
    }

    private mutating func open(_ named: QueryOperator?) {
      groups.append(named ?? group)
      scanner.advance()
    }

    /// - Returns: false where it is the word at the end.
    private mutating func readWord() -> Bool {
      let end = scanner.wordEnd(from: start)
      guard let colon = scanner.colon(in: start..<end),
        let named = QueryOperator.named(scanner.plainText(start..<colon))
      else {
        scanner.move(to: end)
        return !scanner.isAtEnd
      }
      scanner.move(to: colon + 1)
      switch scanner.current {
      case "(", "{":
        open(named)
        return true
      case "\"":
        start = scanner.position
        own = named
        return skipQuoted()
      default:
        if scanner.current == "-" { scanner.advance() }
        start = scanner.position
        own = named
        return skipValue(named)
      }
    }

    /// Of a filter whose value may be several words as many as can still be one.
    private mutating func skipValue(_ named: QueryOperator) -> Bool {
      var end = scanner.wordEnd(from: start)
      if case .filter(_, let value, let make) = named.meaning {
        for _ in 1..<max(1, value.maxWordCount) where make(scanner.plainText(start..<end)) == nil {
          guard let next = scanner.nextWord(after: end) else { break }
          end = scanner.wordEnd(from: next)
        }
      }
      scanner.move(to: end)
      return !scanner.isAtEnd
    }

    /// - Returns: whether the quote is closed; the scanner stands behind it then.
    private mutating func skipQuoted() -> Bool {
      scanner.advance()
      while let scalar = scanner.current {
        scanner.advance()
        if scalar == "\"" { return true }
      }
      return false
    }
  }
}
