import Foundation
import Index
import Query
import TestSupport
import Testing

/// What is promised of words in every script, for random words, in pending mail as well as in segments.
struct MultilingualSearchTests {
  private typealias Script = MultilingualText.Script

  /// Thirty mails of four words; each word with its script.
  private struct Mails {
    let mailbox: Mailbox
    var words: [(mail: UInt32, script: Script, text: String)] = []

    /// - Parameter scripts: of the words.
    init(_ text: inout MultilingualText, _ scripts: [Script], isInverted: Bool) throws {
      mailbox = try Mailbox()
      for mail: UInt32 in 1...30 {
        let own = (0..<4).map { _ -> (mail: UInt32, script: Script, text: String) in
          let script = text.pick(scripts)
          return (mail, script, text.word(script))
        }
        words += own
        let written = own.map { text.variant(of: $0.text, $0.script) }
        if text.chance(30) {
          mailbox.add(written.joined(separator: " "))
        } else {
          mailbox.add("", body: written.joined(separator: text.pick([" ", "\n", ", ", " (", "…"])))
        }
      }
      if isInverted { try mailbox.invert() }
    }

    func hits(_ word: String, as kind: TextQuery.Kind = .word) throws -> Set<UInt32> {
      Set(try mailbox.hits(.text(field: nil, TextQuery(kind, word))))
    }
  }

  private static let runs: [(seed: UInt64, isInverted: Bool)] = [
    (101, false), (102, false), (103, true), (104, true),
  ]

  @Test(arguments: runs)
  func `any part of an ideograph run finds exactly the mails that hold it`(
    seed: UInt64, isInverted: Bool
  ) throws {
    var text = MultilingualText(seed: seed)
    let mails = try Mails(&text, Script.allCases.filter(\.isIdeographic), isInverted: isInverted)
    for word in mails.words {
      let characters = Array(word.text)
      let start = Int.random(in: 0..<characters.count, using: &text.generator)
      for count in 1...min(4, characters.count - start) {
        let part = String(characters[start..<start + count])
        let expected = Set(mails.words.filter { $0.text.contains(part) }.map(\.mail))
        let typed = text.variant(of: part, word.script)
        for kind in [TextQuery.Kind.word, .phrase, .prefix] {
          #expect(
            try mails.hits(typed, as: kind) == expected, "seed \(seed): \(kind) \(typed) of \(word.text)")
        }
      }
    }
  }

  @Test(arguments: runs)
  func `a word is found by its other forms`(seed: UInt64, isInverted: Bool) throws {
    var text = MultilingualText(seed: seed)
    let mails = try Mails(&text, Script.allCases, isInverted: isInverted)
    for word in mails.words {
      for _ in 0..<4 {
        let typed = text.variant(of: word.text, word.script)
        for kind in [TextQuery.Kind.word, .phrase, .prefix] {
          #expect(
            try mails.hits(typed, as: kind).contains(word.mail),
            "seed \(seed): \(kind) \(typed.debugDescription) of \(word.text.debugDescription), \(word.script)")
        }
      }
    }
  }

  @Test(arguments: runs)
  func `a compound is found whole, by each part and by any parts in a row`(
    seed: UInt64, isInverted: Bool
  ) throws {
    var text = MultilingualText(seed: seed)
    let mailbox = try Mailbox()
    let compounds = (1...30).map { _ in text.compound() }
    func written(_ parts: ArraySlice<(joiner: String, part: String)>) -> String {
      parts.first.map { first in first.part + parts.dropFirst().map { $0.joiner + $0.part }.joined() } ?? ""
    }
    for compound in compounds { mailbox.add("", body: "see \(written(compound[...])) there") }
    if isInverted { try mailbox.invert() }
    for (index, compound) in compounds.enumerated() {
      let mail = UInt32(index + 1)
      for start in compound.indices {
        for end in (start + 1)...compound.count {
          let typed = written(compound[start..<end])
          for kind in [TextQuery.Kind.word, .phrase] {
            #expect(
              try mailbox.hits(.text(field: nil, TextQuery(kind, typed))).contains(mail),
              "seed \(seed): \(kind) \(typed) of \(written(compound[...]))")
          }
        }
      }
    }
  }
}
