import Analysis
import Bytes
import Foundation
import Index
import Ingest
import MailFormat
import Mailboxes
import Query
import TestSupport
import Testing

/// Real mail in Japanese, Chinese, Korean, Russian, Hebrew, Arabic and Greek, of the corpus `lists`: what stands in it finds it.
@Suite struct MultilingualCorpusTests {
  /// Of each mail.
  private static let wordCount = 20
  private static let substringCount = 30

  /// One mail a day from 1970-01-02 on, so that a date names one of them.
  private struct Mailbox {
    let index: ShardIndex
    let searcher: Searcher
    let records: [ExtractedTextRecord]
    private static let user = UserID(rawValue: 1)

    init(_ mails: [[UInt8]]) throws {
      let analyzers = try AnalyzerSet.builtIn()
      let extractor = MailExtractor(analyzers: analyzers)
      records = mails.map { extractor.textRecord(of: $0, keeping: { nil }).record }
      searcher = Searcher(analyzers: analyzers, cursorSecret: [UInt8](repeating: 3, count: 32))
      index = try ShardIndex.open(fileSystem: CrashableFileSystem(), directory: "index", analyzers: analyzers)
      index.load(Self.user, attributes: [], userSequence: .zero)
      for (number, record) in records.enumerated() {
        let sequence = SequenceNumber(rawValue: UInt64(number + 1))
        let attributes = DocumentAttributes(
          receivedAt: Timestamp(rawValue: Int64(number + 1) * 86_400_000), folder: FolderID(rawValue: 1), flags: [],
          labels: [], size: 1, thread: 1)
        index.apply(
          [.add(Self.user, DocID(rawValue: UInt32(number + 1)), attributes, EncodedRecord.make(record, analyzers))],
          shardSequence: sequence, userSequences: [Self.user: sequence])
      }
    }

    func makeSegments() throws {
      try index.flush()
      let attributes = try #require(index.snapshot(Self.user)).attributes
      let keys = attributes.live.docIDs.map(attributes.key)
      while try index.compact(CompactionSource { _ in keys }) {}
    }

    func finds(_ word: String, in number: Int) throws -> Bool {
      let day = try #require(CalendarPeriod(Self.date(number + 1)))
      let query = QueryNode.and([.text(field: nil, TextQuery(.word, word)), .on(.period(day))])
      let context = SearchContext(folders: [], now: Timestamp(rawValue: 1_000_000_000_000))
      return try searcher.search(query, in: #require(index.snapshot(Self.user)), context: context).total == 1
    }

    private static func date(_ day: Int) -> String {
      Date(timeIntervalSince1970: Double(day) * 86_400).formatted(.iso8601.year().month().day())
    }
  }

  private static func mails() throws -> [[UInt8]] {
    try MailCorpus.files("lists").filter { $0.path.contains("multilingual/") }
      .flatMap { MailCorpus.mails(inMbox: $0.bytes) }
  }

  /// Letters and digits in a row. A sign that stands for letters (`№0014`, `3000㎡`) makes one word with what it touches, and is left
  /// out with it: that is written down in Analyzers/README.md.
  private static func words(of text: String) -> [Substring] {
    // What nobody sees divides no word: spam has U+2061 within numbers.
    let seen = String(
      String.UnicodeScalarView(text.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint }))
    return Substring(seen).split { !isOfWord($0) && !standsForLetters($0) }
      .filter { $0.utf8.count <= 200 && $0.allSatisfy(isOfWord) }
  }

  private static func isOfWord(_ character: Character) -> Bool { character.isLetter || character.isNumber }

  private static func standsForLetters(_ character: Character) -> Bool {
    !character.isASCII && String(character).precomposedStringWithCompatibilityMapping.contains(where: isOfWord)
  }

  private static func isIdeograph(_ character: Character) -> Bool {
    character.unicodeScalars.count == 1
      && character.unicodeScalars.allSatisfy { scalar in
        [0x3041...0x3096, 0x30A1...0x30FA, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7A3]
          .contains { ($0 as ClosedRange<UInt32>).contains(scalar.value) }
      }
  }

  @Test(.enabled(if: MailCorpus.isPresent("lists")), arguments: [false, true])
  func `every word, and every part of one to four ideographs, finds its mail`(isInverted: Bool) throws {
    let mailbox = try Mailbox(Self.mails())
    #expect(mailbox.records.count > 400)
    if isInverted { try mailbox.makeSegments() }
    var random = SeededGenerator(seed: 11)
    var (asked, missed) = (0, [String]())
    func ask(_ word: Substring, _ number: Int) throws {
      asked += 1
      if try !mailbox.finds(String(word), in: number) { missed.append("\(number + 1): \(word)") }
    }
    for (number, record) in mailbox.records.enumerated() {
      let words = Self.words(of: record.subject + " " + record.body)
      for _ in 0..<min(words.count, Self.wordCount) {
        if let word = words.randomElement(using: &random) { try ask(word, number) }
      }
      let runs = words.flatMap { $0.split { !Self.isIdeograph($0) } }
      for _ in 0..<(runs.isEmpty ? 0 : Self.substringCount) {
        guard let run = runs.randomElement(using: &random) else { continue }
        let start = run.index(run.startIndex, offsetBy: Int.random(in: 0..<run.count, using: &random))
        try ask(run[start...].prefix(Int.random(in: 1...4, using: &random)), number)
      }
    }
    #expect(missed.isEmpty, "\(missed.count) of \(asked) with seed 11: \(missed.prefix(30).joined(separator: ", "))")
    #expect(asked > 15_000)
  }
}
