/// Hands finished terms to the caller's closure: cuts what is too long, finds the input's offsets, keeps the position, and the
/// place among the text's case changes.
struct TokenEmitter {
  /// The position of the next word.
  var position = 0
  /// The caller has seen enough: nothing more reaches it.
  private(set) var isStopped = false
  let maxTermByteCount: Int
  /// The first case change that no word has passed; `Int.max` behind the last.
  private(set) var nextCaseChange: Int
  private var passedCaseChanges = 0

  init(maxTermByteCount: Int, _ text: NormalizedText) {
    self.maxTermByteCount = maxTermByteCount
    nextCaseChange = text.caseChanges.first.map { Int($0) } ?? .max
  }

  /// The case changes within a word, which lies behind all words of earlier calls.
  mutating func takeCaseChanges(within word: Range<Int>, of text: NormalizedText) -> [Int] {
    let rest = text.caseChanges[passedCaseChanges...]
    let taken = rest.prefix { $0 < word.upperBound }
    passedCaseChanges = taken.endIndex
    nextCaseChange = taken.endIndex < rest.endIndex ? Int(rest[taken.endIndex]) : .max
    return taken.drop { $0 <= word.lowerBound }.map { Int($0) }
  }

  /// Emits the bytes of `range` at the current position and leaves the position as it is.
  mutating func emit(
    _ kind: TokenKind, _ range: Range<Int>, of text: NormalizedText, _ bytes: Span<UInt8>, to body: MailWords.Body
  ) {
    emit(kind, term: bytes.extracting(range), range, of: text, to: body)
  }

  /// Emits bytes that are not the text's own (a folded word) with the offsets of `range`.
  mutating func emit(
    _ kind: TokenKind, term: Span<UInt8>, _ range: Range<Int>, of text: NormalizedText, to body: MailWords.Body
  ) {
    if isStopped { return }
    let attributes = TokenAttributes(position: position, offset: text.inputRange(of: range), kind: kind)
    let length = term.count <= maxTermByteCount ? term.count : cutLength(of: term)
    if !body(term.extracting(first: length), attributes) { isStopped = true }
  }

  /// The bytes of a term that count.
  func cutLength(of term: Span<UInt8>) -> Int { UTF8Scalar.prefixLength(of: term, limit: maxTermByteCount) }
}
