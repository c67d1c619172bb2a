/// The tokenizer `mail_words` with the filters that a definition switches on, over normalised text.
///
/// A *unit* is what people see as one thing: words joined by single joiners without a space (`the_lord-of.rings`,
/// `alice@example.com`, `2024년`). Its *parts* are words, ideograph runs and dictionary runs. For a unit with joiners the
/// whole comes first, as a compound at the position of its first part, then the parts one after another. Tokens come in
/// ascending order of position.
///
/// Text in ASCII takes the loop in `scan`: one table look-up a byte, nothing is allocated or copied for a token.
struct MailWords: Sendable {
  /// Answers whether it wants more tokens.
  typealias Body = (Span<UInt8>, TokenAttributes) -> Bool

  let definition: AnalyzerDefinition
  private let byteTable = CharacterClass.byteTable
  let scalars: ScalarTable

  init(_ definition: AnalyzerDefinition) {
    self.definition = definition
    scalars = (definition.hanFolding ? .simplifyingHan : nil) ?? .shared
  }

  func scan(_ text: NormalizedText, _ body: Body) {
    var emitter = TokenEmitter(maxTermByteCount: definition.maxTermByteCount, text)
    let bytes = text.bytes.span
    let table = byteTable.span
    var index = 0
    while index < bytes.count, !emitter.isStopped {
      let first = table[Int(bytes[index])]
      guard first.isLetterOrDigit else {
        index =
          switch first {
          case .beyondASCII: scanBeyondASCII(text, bytes, at: index, &emitter, body)
          case .urlJoiner where definition.signs: scanSign(text, bytes, at: index, &emitter, body)
          default: index &+ 1
          }
        continue
      }
      let end = asciiWordEnd(bytes, from: index &+ 1, to: bytes.count)
      if isWordEnd(bytes, at: end, table) {
        emitter.emit(.word, index..<end, of: text, bytes, to: body)
        if emitter.nextCaseChange < end { emitCaseParts(text, bytes, index..<end, folds: false, &emitter, body) }
        emitter.position &+= 1
        index = end
      } else {
        index = scanUnit(text, bytes, from: index, &emitter, body)
      }
    }
  }

  /// Where the ASCII letters and digits that begin at `start` end.
  @inline(__always)
  func asciiWordEnd(_ bytes: Span<UInt8>, from start: Int, to limit: Int) -> Int {
    let table = byteTable.span
    var end = start
    while end < limit, table[Int(bytes[end])].isLetterOrDigit { end &+= 1 }
    return end
  }

  /// Whether a word of ASCII that ends at `end` is a unit of its own: no joiner with something behind it follows. Says no
  /// when it would have to look closer.
  @inline(__always)
  private func isWordEnd(_ bytes: Span<UInt8>, at end: Int, _ table: Span<CharacterClass>) -> Bool {
    guard end < bytes.count else { return true }
    let next = table[Int(bytes[end])]
    if next == .other { return true }
    guard next.isJoiner else { return false }
    if definition.signs, Self.isTrailingSign(bytes[end]) { return false }
    guard end &+ 1 < bytes.count else { return true }
    let second = table[Int(bytes[end &+ 1])]
    return second == .other || (second.isJoiner && bytes[end] != UInt8(ascii: ":"))
  }

  private func scanBeyondASCII(
    _ text: NormalizedText, _ bytes: Span<UInt8>, at index: Int, _ emitter: inout TokenEmitter, _ body: Body
  ) -> Int {
    let (characterClass, byteCount) = classify(bytes, at: index)
    if characterClass.isWordish, characterClass != .mark {
      return scanUnit(text, bytes, from: index, &emitter, body)
    }
    let end = index + byteCount
    if characterClass == .symbol {
      emitter.emit(.symbol, index..<end, of: text, bytes, to: body)
      emitter.position += 1
    }
    return end
  }

  /// The class of the scalar at `index` and its byte count.
  func classify(_ bytes: Span<UInt8>, at index: Int) -> (CharacterClass, Int) {
    let byte = bytes[index]
    if byte < 0x80 { return (byteTable[Int(byte)], 1) }
    let (scalar, byteCount) = UTF8Scalar.decode(bytes, at: index)
    // The character filter has left only well-formed bytes.
    return byteCount > 0 ? (scalars[scalar].characterClass, byteCount) : (.other, 1)
  }

  /// The same, and sets `folds` when diacritic folding changes the scalar.
  func classify(_ bytes: Span<UInt8>, at index: Int, noting folds: inout Bool) -> (CharacterClass, Int) {
    let byte = bytes[index]
    if byte < 0x80 { return (byteTable[Int(byte)], 1) }
    let (scalar, byteCount) = UTF8Scalar.decode(bytes, at: index)
    guard byteCount > 0 else { return (.other, 1) }
    let entry = scalars[scalar]
    if entry.folds { folds = true }
    return (entry.characterClass, byteCount)
  }

  // MARK: Units

  /// - Parameter hasSign: a sign that belongs to the unit's first word stands before it.
  func scanUnit(
    _ text: NormalizedText, _ bytes: Span<UInt8>, from start: Int, hasSign: Bool = false,
    _ emitter: inout TokenEmitter, _ body: Body
  ) -> Int {
    var unit = unit(in: bytes, from: start)
    if definition.signs, !unit.isURL { unit.signs = Signs(around: unit.range, hasSign, in: bytes, self) }
    if !unit.isCompound, let soleClass = unit.soleClass {
      emitPart(text, bytes, unit.range, of: soleClass, in: unit, &emitter, body)
      return unit.range.upperBound
    }
    if unit.isCompound, definition.compounds {
      let whole = definition.domainSuffixes && unit.atSign != nil ? addressRange(around: unit, in: bytes) : unit.range
      emit(.compound, whole, folds: unit.folds || whole != unit.range, of: text, bytes, &emitter, body)
    }
    let domain = definition.domainSuffixes && unit.isCompound ? MailDomain(unit, in: bytes) : nil
    if let domain { unit.caseLimit = domain.localPart?.upperBound ?? 0 }
    if let local = domain?.localPart, isCompound(bytes, local), !holdsAtSign(bytes, local) {
      emit(.compound, local, folds: unit.folds, of: text, bytes, &emitter, body)
    }
    var index = start
    while index < unit.range.upperBound, !emitter.isStopped {
      let (characterClass, byteCount) = classify(bytes, at: index)
      guard characterClass.isWordish, characterClass != .mark else {
        index += byteCount
        continue
      }
      if let domain, domain.isLabelStart(index, in: bytes) {
        // Labels do not follow one another, so that a phrase cannot match in the middle of a domain.
        if domain.localPart != nil { emitter.position += 1 }
        let suffix = index..<unit.range.upperBound
        if suffix != unit.range, suffix.count <= MailDomain.maxByteCount, isCompound(bytes, suffix) {
          emit(.compound, suffix, folds: unit.folds, of: text, bytes, &emitter, body)
        }
      }
      let end = partEnd(bytes, from: index, to: unit.range.upperBound)
      emitPart(text, bytes, index..<end, of: characterClass, in: unit, &emitter, body)
      index = end
    }
    return unit.range.upperBound
  }

  /// Such a local part would look like an address of its own.
  private func holdsAtSign(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    range.contains { bytes[$0] == UInt8(ascii: "@") }
  }

  private func isCompound(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    range.contains { classify(bytes, at: $0).0.isJoiner }
  }

  /// The end of the part that starts at `start`: a word takes letters, digits and marks; an ideograph or dictionary run
  /// takes its own kind and marks.
  private func partEnd(_ bytes: Span<UInt8>, from start: Int, to limit: Int) -> Int {
    let (first, byteCount) = classify(bytes, at: start)
    var index = start + byteCount
    while true {
      if first.isLetterOrDigit { index = asciiWordEnd(bytes, from: index, to: limit) }
      guard index < limit else { break }
      let (next, byteCount) = classify(bytes, at: index)
      let belongs =
        next == .mark || next == first || (first == .letter && next == .digit) || (first == .digit && next == .letter)
      guard belongs else { break }
      index += byteCount
    }
    return index
  }

  private func emitPart(
    _ text: NormalizedText, _ bytes: Span<UInt8>, _ part: Range<Int>, of characterClass: CharacterClass, in unit: Unit,
    _ emitter: inout TokenEmitter, _ body: Body
  ) {
    switch characterClass {
    case .ideograph where definition.ideographBigrams: emitBigrams(text, bytes, part, &emitter, body)
    case .dictionary: emitDictionaryWords(text, bytes, part, &emitter, body)
    default:
      emit(.word, part, folds: unit.folds, of: text, bytes, &emitter, body)
      if let signed = unit.signs?.range(with: part) {
        emit(.signed, signed, folds: unit.folds, of: text, bytes, &emitter, body)
      }
      if emitter.nextCaseChange < part.upperBound, part.upperBound <= unit.caseLimit {
        emitCaseParts(text, bytes, part, folds: unit.folds, &emitter, body)
      }
      emitter.position += 1
    }
  }

  /// Emits a term and, where the definition wants it, the same without its diacritics.
  func emit(
    _ kind: TokenKind, _ range: Range<Int>, folds: Bool, of text: NormalizedText, _ bytes: Span<UInt8>,
    _ emitter: inout TokenEmitter, _ body: Body
  ) {
    emitter.emit(kind, range, of: text, bytes, to: body)
    guard folds, definition.diacriticsFolding else { return }
    let term = bytes.extracting(range)
    if let folded = Diacritics.folded(term.extracting(first: emitter.cutLength(of: term))) {
      emitter.emit(.folded, term: folded.span, range, of: text, to: body)
    }
  }
}
