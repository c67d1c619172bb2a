/// A machine that reads a term byte by byte and tells whether it is wanted; and, on the way, whether it still can be. A walk over
/// sorted terms keeps the states of the bytes that the next term shares, and leaps over terms that begin in vain (as Lucene's
/// AutomatonTermsEnum does).
package protocol TermAutomaton: Sendable {
  associatedtype State: Sendable

  /// Before the first byte.
  var start: State { get }

  func state(after byte: UInt8, from state: State) -> State

  /// Whether the bytes read are a term that is wanted.
  func isAccepting(_ state: State) -> Bool

  /// Whether no term that begins with the bytes read is wanted.
  func isDead(_ state: State) -> Bool

  /// The least byte above `byte` with which a wanted term may go on; one that is lower than that may be given, `nil` only
  /// where there is none.
  func nextByte(above byte: UInt8, from state: State) -> UInt8?

  /// Reads on behind the first bytes of a term.
  ///
  /// A requirement with one implementation: what is called for every byte is to be one piece of code for each automaton, where
  /// the automaton is.
  /// - Parameters:
  ///   - depth: how many bytes came before.
  ///   - states: after each byte, from none on; gets those of the bytes that are read.
  ///   - term: gets these bytes.
  /// - Returns: after how many bytes of the term the automaton was dead; `Int.max` where it is not.
  func read(_ bytes: Span<UInt8>, behind depth: Int, _ states: inout [State], _ term: inout [UInt8]) -> Int
}

extension TermAutomaton {
  package func read(
    _ bytes: Span<UInt8>, behind depth: Int, _ states: inout [State], _ term: inout [UInt8]
  ) -> Int {
    var states = states.mutableSpan
    var term = term.mutableSpan
    var state = states[depth]
    for index in bytes.indices {
      state = self.state(after: bytes[index], from: state)
      term[depth + index] = bytes[index]
      states[depth + index + 1] = state
      if isDead(state) { return depth + index + 1 }
    }
    return .max
  }

  /// Where the bytes lead.
  package func state(after bytes: Span<UInt8>) -> State {
    var state = start
    for index in bytes.indices {
      if isDead(state) { break }
      state = self.state(after: bytes[index], from: state)
    }
    return state
  }

  package func accepts(_ term: Span<UInt8>) -> Bool {
    let end = state(after: term)
    return !isDead(end) && isAccepting(end)
  }
}
