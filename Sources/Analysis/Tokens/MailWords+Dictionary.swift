private import CICU

extension MailWords {
  /// A run this long is cut, at a scalar boundary: ICU's dictionary engines keep tables as long as the run.
  private static let maxDictionaryRun = 8192

  /// Words of a script without spaces, by ICU's dictionaries.
  func emitDictionaryWords(
    _ text: NormalizedText, _ bytes: Span<UInt8>, _ run: Range<Int>, _ emitter: inout TokenEmitter, _ body: Body
  ) {
    var start = run.lowerBound
    while start < run.upperBound, !emitter.isStopped {
      let rest = bytes.extracting(start..<run.upperBound)
      let piece = rest.extracting(first: UTF8Scalar.prefixLength(of: rest, limit: Self.maxDictionaryRun))
      var wordStart = start
      for boundary in Self.wordBoundaries(piece) {
        emitter.emit(.word, wordStart..<(start + boundary), of: text, bytes, to: body)
        emitter.position += 1
        wordStart = start + boundary
      }
      start += piece.count
    }
  }

  /// Ascending ends of words, the last one the piece's end. Should ICU fail, the piece is one word.
  private static func wordBoundaries(_ piece: Span<UInt8>) -> [Int] {
    guard let spelling = DictionarySpelling(piece) else { return dictionaryBoundaries(piece) }
    return dictionaryBoundaries(spelling.bytes.span).map(spelling.place)
  }

  private static func dictionaryBoundaries(_ piece: Span<UInt8>) -> [Int] {
    let boundaries = unsafe [Int32](unsafeUninitializedCapacity: piece.count) { output, count in
      let written = unsafe piece.withUnsafeBufferPointer { source in
        unsafe cicu_word_boundaries(
          source.baseAddress, Int32(source.count), output.baseAddress, Int32(output.count))
      }
      count = max(0, Int(written))
    }
    guard boundaries.last == Int32(piece.count) else { return [piece.count] }
    return boundaries.map(Int.init)
  }
}

/// A run as ICU's dictionaries spell it. NFKC takes SARA AM (U+0E33, in Lao U+0EB3) apart into NIKHAHIT and SARA AA; the
/// dictionaries hold it whole. Knows the way back.
private struct DictionarySpelling {
  private(set) var bytes: [UInt8] = []
  /// Where, in our bytes, the characters end that stand for two of the run: each is three bytes shorter.
  private var ends: [Int] = []

  private static let savedByteCount = 3

  /// `nil` when the run is spelled so already.
  init?(_ run: Span<UInt8>) {
    var copied = 0
    var index = 0
    while index < run.count {
      let (scalar, byteCount) = UTF8Scalar.decode(run, at: index)
      if let vowel = Self.vowel(run, at: index, mark: scalar) {
        append(run, copied..<index)
        if let tone = vowel.tone { UTF8Scalar.append(tone, to: &bytes) }
        UTF8Scalar.append(vowel.scalar, to: &bytes)
        ends.append(bytes.count)
        index = vowel.end
        copied = index
      } else {
        index += max(1, byteCount)
      }
    }
    if ends.isEmpty { return nil }
    append(run, copied..<run.count)
  }

  private mutating func append(_ run: Span<UInt8>, _ range: Range<Int>) {
    for index in range { bytes.append(run[index]) }
  }

  /// The vowel that the mark at `index` begins, with the tone that may stand between its halves.
  private static func vowel(
    _ run: Span<UInt8>, at index: Int, mark: UInt32
  ) -> (scalar: UInt32, tone: UInt32?, end: Int)? {
    guard mark == 0x0E4D || mark == 0x0ECD else { return nil }
    let block = mark & 0xFF80
    var next = index + 3
    var tone: UInt32?
    if let scalar = Self.scalar(run, at: next), (block + 0x48...block + 0x4B).contains(scalar) {
      tone = scalar
      next += 3
    }
    guard Self.scalar(run, at: next) == block + 0x32 else { return nil }
    return (block + 0x33, tone, next + 3)
  }

  private static func scalar(_ run: Span<UInt8>, at index: Int) -> UInt32? {
    index < run.count ? UTF8Scalar.decode(run, at: index).value : nil
  }

  /// The place in the run of a place in our bytes.
  func place(_ offset: Int) -> Int {
    var low = 0
    var high = ends.count
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    return offset + low * Self.savedByteCount
  }
}
