/// Follows all phrases of a query through a text at once and keeps no position: the Shift-And automaton (Baeza-Yates and
/// Gonnet, "A new approach to text searching", 1992) over words instead of letters. Memory and the work at a position are
/// those of the query, a bit for each word, whatever the text.
///
/// Each phrase has a slot for each of its positions, one after another. Slot *s* is set at position *p* when the phrase's
/// words up to *s* stand at the positions up to *p*. Places that a phrase leaves free let anything pass.
struct PhraseSlots {
  private var starts: [UInt64] = []
  private var gaps: [UInt64] = []
  private(set) var count = 0
  /// Slots of the longest phrase.
  private(set) var longest = 0

  /// Makes room for a phrase of two words or more.
  ///
  /// - Parameter positions: of its words; ascending, the first is 0.
  /// - Returns: its first slot; the others follow by position.
  mutating func add(_ positions: [Int]) -> Int {
    let first = count
    let span = (positions.last ?? 0) + 1
    count += span
    longest = max(longest, span)
    while starts.count * 64 < count {
      starts.append(0)
      gaps.append(0)
    }
    Self.set(first, in: &starts)
    for position in 0..<span where !positions.contains(position) { Self.set(first + position, in: &gaps) }
    return first
  }

  private static func set(_ slot: Int, in bits: inout [UInt64]) { bits[slot >> 6] |= 1 << UInt64(slot & 63) }
  private static func contains(_ slot: Int, _ bits: [UInt64]) -> Bool { bits[slot >> 6] >> UInt64(slot & 63) & 1 != 0 }

  /// Where the phrases stand in one text.
  struct Progress {
    private let slots: PhraseSlots
    private var position = 0
    /// The slots set at the position before this one, and those of the words seen at this one.
    private var active: [UInt64]
    private var here: [UInt64]
    private var isActive = false
    private var isAnyHere = false

    init(_ slots: PhraseSlots) {
      self.slots = slots
      active = [UInt64](repeating: 0, count: slots.starts.count)
      here = active
    }

    /// Notes that the token at `position`, which never goes back, is the word of these slots. Calls `onReached` with each
    /// of them up to which its phrase stands now: the last one of a phrase ends a match.
    mutating func note(_ word: [Int], at position: Int, _ onReached: (_ slot: Int) -> Void) {
      advance(to: position)
      for slot in word {
        PhraseSlots.set(slot, in: &here)
        if slot > 0, PhraseSlots.contains(slot - 1, active) { onReached(slot) }
      }
      isAnyHere = true
    }

    private mutating func advance(to position: Int) {
      while isAnyHere || isActive, self.position < position {
        step()
        self.position += 1
      }
      self.position = position
    }

    private mutating func step() {
      var carry: UInt64 = 0
      isActive = false
      for index in active.indices {
        let before = active[index]
        let reached = (before << 1 | carry | slots.starts[index]) & (here[index] | slots.gaps[index])
        carry = before >> 63
        active[index] = reached
        here[index] = 0
        if reached != 0 { isActive = true }
      }
      isAnyHere = false
    }
  }
}
