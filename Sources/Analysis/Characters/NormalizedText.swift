private import CICU

/// A text after the character filter `icu_normalizer` (`nfkc_cf`): Unicode's NFKC_Casefold, so that upper and lower
/// case, full and half width, ligatures, NFC and NFD are one, and ignorable characters are gone. Knows the way back from
/// its bytes to those of the input.
///
/// Bytes of the input that are not UTF-8 become spaces, one for each: they end words and lose nothing else.
///
/// The text is cut where normalisation allows it (ICU's `hasBoundaryBefore`) and each piece is looked up in the scalar
/// table; only pieces of several scalars, such as a letter with combining marks, go through ICU.
struct NormalizedText: Sendable {
  /// Well-formed UTF-8.
  private(set) var bytes: [UInt8]
  /// Where the input's bytes and ours do not run in step, in ascending order; empty for nearly every text.
  private var edits: [Edit] = []
  /// Offsets in `bytes` where the letters' case, which is gone from them, divides words (`CaseChanges`); none unless asked for.
  private(set) var caseChanges: [UInt32] = []

  /// `normalized` bytes stand for `input` bytes and cannot be divided.
  private struct Edit: Sendable {
    let normalizedStart: UInt32
    let normalizedEnd: UInt32
    let inputStart: UInt32
    let inputEnd: UInt32

    init(normalized: Range<Int>, input: Range<Int>) {
      normalizedStart = UInt32(normalized.lowerBound)
      normalizedEnd = UInt32(normalized.upperBound)
      inputStart = UInt32(input.lowerBound)
      inputEnd = UInt32(input.upperBound)
    }
  }

  /// Longer input is read up to here: one value of one mail is far below it, and offsets fit 32 bits, also after
  /// normalisation has made a text longer.
  static let maxInputByteCount = 1 << 27

  /// Marks are taken into one piece up to this count, as in Unicode's stream-safe format (UAX #15 §13), which bounds the
  /// work on hostile text.
  private static let maxMarksInPiece = 32

  init(_ input: Span<UInt8>, _ table: ScalarTable, findingCaseChanges: Bool = false) {
    let (lowered, isASCII) = Self.lowercaseASCII(input)
    bytes = lowered
    if !isASCII {
      normalize(input, lowered: lowered, table, findingCaseChanges)
    } else if findingCaseChanges {
      caseChanges = CaseChanges.places(inASCII: input)
    }
  }

  /// Lower-cases A to Z, leaves all other bytes, and tells whether all were ASCII.
  private static func lowercaseASCII(_ input: Span<UInt8>) -> (bytes: [UInt8], isASCII: Bool) {
    var bytes = [UInt8](repeating: 0, count: input.count)
    var seen: UInt8 = 0
    var output = bytes.mutableSpan
    for index in input.indices {
      let byte = input[index]
      seen |= byte
      output[index] = byte | (byte &- 65 < 26 ? 32 : 0)
    }
    return (bytes, seen < 0x80)
  }

  // MARK: The way back

  /// The input's bytes behind the non-empty `range` of our bytes.
  func inputRange(of range: Range<Int>) -> Range<Int> {
    if edits.isEmpty { return range }
    var start = range.lowerBound
    var end = range.upperBound
    if let edit = lastEdit(startingAtOrBefore: range.lowerBound) {
      let beyond = range.lowerBound - Int(edit.normalizedEnd)
      start = beyond < 0 ? Int(edit.inputStart) : Int(edit.inputEnd) + beyond
    }
    if let edit = lastEdit(startingAtOrBefore: range.upperBound - 1) {
      end = Int(edit.inputEnd) + max(0, range.upperBound - Int(edit.normalizedEnd))
    }
    return start..<end
  }

  private func lastEdit(startingAtOrBefore offset: Int) -> Edit? {
    var low = 0
    var high = edits.count
    while low < high {
      let middle = (low + high) / 2
      if Int(edits[middle].normalizedStart) <= offset { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : edits[low - 1]
  }

  // MARK: The way there

  /// Copies what stays as it is in long stretches out of `lowered`, which is the input with ASCII in lower case, and
  /// replaces the rest piece by piece.
  private mutating func normalize(
    _ input: Span<UInt8>, lowered: [UInt8], _ table: ScalarTable, _ findingCaseChanges: Bool
  ) {
    bytes = []
    bytes.reserveCapacity(input.count)
    var copied = 0
    var index = 0
    // Looking whether a piece ends has decoded what begins the next one.
    var ahead = Decoded(index: -1, scalar: 0, byteCount: 0)
    while index < input.count {
      if input[index] < 0x80 {
        if findingCaseChanges, input[index] &- 65 < 26 {
          noteCaseChange(input, at: index, place: bytes.count &+ index &- copied, table)
        }
        index &+= 1
        continue
      }
      let current = ahead.index == index ? ahead : Decoded(input, at: index)
      guard current.byteCount > 0 else {
        bytes.append(contentsOf: lowered[copied..<index])
        bytes.append(UInt8(ascii: " "))
        index &+= 1
        copied = index
        continue
      }
      let entry = table[current.scalar]
      var next = index &+ current.byteCount
      // A mark takes the ASCII letter before it into its piece.
      let takesLetter = !entry.hasBoundaryBefore && index > copied && input[index &- 1] < 0x80
      var hasMarks = takesLetter
      if next < input.count, input[next] >= 0x80 {
        ahead = Decoded(input, at: next)
        if ahead.byteCount > 0, !table[ahead.scalar].hasBoundaryBefore { hasMarks = true }
      }
      if hasMarks { next = Self.pieceEnd(input, from: next, table) }
      if hasMarks || !entry.isSingle || entry.normalized != current.scalar {
        let piece = (takesLetter ? index &- 1 : index)..<next
        bytes.append(contentsOf: lowered[copied..<piece.lowerBound])
        let start = bytes.count
        // A letter in ASCII has been asked already.
        if findingCaseChanges, !takesLetter { noteCaseChange(input, at: index, place: start, table) }
        if !hasMarks, entry.isSingle {
          UTF8Scalar.append(entry.normalized, to: &bytes)
        } else {
          appendPiece(input, piece)
        }
        // A single scalar of the same length keeps offsets in step.
        if hasMarks || !entry.isSingle || bytes.count - start != piece.count {
          edits.append(Edit(normalized: start..<bytes.count, input: piece))
        }
        copied = next
      }
      index = next
    }
    bytes.append(contentsOf: lowered[copied...])
  }

  private struct Decoded {
    let index: Int
    let scalar: UInt32
    /// 0 where the bytes are not well-formed.
    let byteCount: Int

    init(index: Int, scalar: UInt32, byteCount: Int) {
      self.index = index
      self.scalar = scalar
      self.byteCount = byteCount
    }

    init(_ input: Span<UInt8>, at index: Int) {
      let (scalar, byteCount) = UTF8Scalar.decode(input, at: index)
      self.init(index: index, scalar: scalar, byteCount: byteCount)
    }
  }

  /// The end of the piece whose first scalar ends at `start`: before the next scalar with a boundary.
  private static func pieceEnd(_ input: Span<UInt8>, from start: Int, _ table: ScalarTable) -> Int {
    var end = start
    var marks = 0
    while end < input.count, input[end] >= 0x80, marks < maxMarksInPiece {
      let (scalar, byteCount) = UTF8Scalar.decode(input, at: end)
      guard byteCount > 0, !table[scalar].hasBoundaryBefore else { break }
      end &+= byteCount
      marks &+= 1
    }
    return end
  }

  /// - Parameter place: where the letter at `index` stands in our bytes.
  private mutating func noteCaseChange(_ input: Span<UInt8>, at index: Int, place: Int, _ table: ScalarTable) {
    guard index > 0, CaseChanges.isWordByte(input[index - 1]) else { return }
    if CaseChanges.isDivided(input, at: index, table) { caseChanges.append(UInt32(place)) }
  }

  private mutating func appendPiece(_ input: Span<UInt8>, _ range: Range<Int>) {
    let piece = input.extracting(range)
    let normalized = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { output, count in
      let written = unsafe piece.withUnsafeBufferPointer { source in
        unsafe cicu_normalize(source.baseAddress, Int32(source.count), output.baseAddress, 4096)
      }
      count = max(0, Int(written))
    }
    bytes.append(contentsOf: normalized)
  }
}
