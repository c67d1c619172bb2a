import Analysis
import Bytes

/// Finds the terms of a dictionary that an automaton wants. Terms come sorted and each tells how much it shares with the one before,
/// so of each only the bytes that are new are read; and where no wanted term can begin as the last one did, the walk goes on
/// with the block that may hold the next one that can.
struct DictionaryWalk<Automaton: TermAutomaton> {
  private let automaton: Automaton
  /// After each byte of the term here, from none on.
  private var states: [Automaton.State]
  /// The term here: its bytes as far as the automaton has read them.
  private var term = [UInt8](repeating: 0, count: 256)
  private var termByteCount = 0
  /// After how many bytes the automaton is dead; `max` where it is not.
  private var deadDepth = Int.max

  init(_ automaton: Automaton) {
    self.automaton = automaton
    states = [Automaton.State](repeating: automaton.start, count: 257)
  }

  /// Calls `body` with those of the block's terms that are wanted.
  mutating func scan(
    _ block: ArraySlice<UInt8>, documentLimit: Int, _ body: (_ term: ArraySlice<UInt8>, TermEntry) throws -> Void
  ) throws {
    let bytes = block.span
    var index = 0
    var listOffset = try bytes.readVarint(&index)
    termByteCount = 0
    if automaton.isDead(automaton.start) {
      deadDepth = 0
      return
    }
    while index < bytes.count {
      let shared = try bytes.readVarint(&index)
      let suffixByteCount = try bytes.readVarint(&index)
      guard shared <= UInt64(termByteCount), suffixByteCount <= UInt64(bytes.count - index) else {
        throw DecodingError.endsEarly(at: index)
      }
      let end = index + Int(suffixByteCount)
      termByteCount = Int(shared) + Int(suffixByteCount)
      if Int(shared) < deadDepth, read(bytes.extracting(index..<end), behind: Int(shared)) {
        var entry = TermDictionary.BlockReader(
          entry: block[(block.startIndex + end)...], listOffset: listOffset, documentLimit: documentLimit)
        try body(term.prefix(termByteCount), entry.nextEntry())
      }
      index = end
      try TermDictionary.skipEntry(bytes, &index, &listOffset)
    }
  }

  /// - Returns: whether the term is wanted.
  private mutating func read(_ suffix: Span<UInt8>, behind shared: Int) -> Bool {
    makeRoom(for: shared + suffix.count)
    deadDepth = automaton.read(suffix, behind: shared, &states, &term)
    return deadDepth == .max && automaton.isAccepting(states[termByteCount])
  }

  private mutating func makeRoom(for byteCount: Int) {
    while term.count < byteCount {
      term += [UInt8](repeating: 0, count: term.count)
      states += [Automaton.State](repeating: automaton.start, count: states.count)
    }
  }

  /// Where the walk goes on behind the block that was read last.
  enum Next {
    case nextBlock
    /// With the block that would hold this term.
    case block([UInt8])
    case nowhere
  }

  /// What the wanted terms behind the last one that was read begin with at least.
  var next: Next {
    guard deadDepth != .max else { return .nextBlock }
    for depth in (0..<deadDepth).reversed() {
      if let byte = automaton.nextByte(above: term[depth], from: states[depth]) {
        return .block(term[..<depth] + [byte])
      }
    }
    return .nowhere
  }
}
