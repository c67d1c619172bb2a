import Analysis
import ArgumentParser
import Bytes
import Index
import Query

/// Holds mails against standing queries, as a commit does: what a mail costs by the number of its owner's saved searches,
/// where its words rule most of them out and where all are asked. The mails are the last ones of the file, and the searches
/// are made of words, senders and phrases of the others.
struct Percolate: ParsableCommand {
  @Option var docs: String
  @Option(help: "Numbers of saved searches, separated by commas.") var searches = "0,100,1000,10000"
  @Option(help: "Mails that are held against them.") var mails = 1_000
  @Option(help: "Of a hundred searches, those that are asked of every mail.") var parts = 2
  @Option var seed: UInt64 = 1
  @Option var limit: Int?

  func run() throws {
    let documents = try Document.read(docs, limit: limit)
    guard documents.count > mails else { throw ValidationError("\(docs) has no more than \(mails) mails") }
    let analyzers = try AnalyzerSet.builtIn(stemming: StemmingLanguages([.english]))
    var invention = SearchInvention(documents.dropLast(mails), seed: seed, parts: parts)
    let arriving = documents.suffix(mails).enumerated().map { number, document in
      ArrivedMail(
        user: UserID(rawValue: 1), docID: DocID(rawValue: UInt32(number + 1)), attributes: document.attributes,
        record: EncodedRecord.make(document.record, analyzers))
    }
    var results: [String: Any] = ["mails": mails]
    for count in searches.split(separator: ",").compactMap({ Int($0) }) {
      results["\(count)"] = try measure(count, arriving, analyzers, &invention)
    }
    try printJSON(results)
  }

  private func measure(
    _ count: Int, _ arriving: [ArrivedMail], _ analyzers: AnalyzerSet, _ invention: inout SearchInvention
  ) throws -> [String: Any] {
    let heap = Meter.heapByteCount
    let meter = Meter()
    var queries = StandingQueries()
    for number in 0..<count {
      queries.insert(try StandingQuery(parseQuery(invention.next()).root, analyzers), as: UInt64(number))
    }
    let (made, taken) = (meter.seconds, Meter.heapByteCount - heap)
    let chosen = try Self.ask(queries, arriving, analyzers, asksAll: false)
    // All of ten thousand take milliseconds: fewer mails tell as much.
    let sample = Array(arriving.prefix(max(20, min(arriving.count, 200_000 / max(1, count)))))
    let all = try Self.ask(queries, sample, analyzers, asksAll: true)
    guard zip(chosen.matches, all.matches).allSatisfy({ $0 == $1 }) else {
      throw ValidationError("what is asked and what is not gives other answers")
    }
    let matched = chosen.matches.reduce(0) { $0 + $1.count }
    return [
      "us": chosen.times.summary, "us_asking_all": all.times.summary,
      "asked_mail": rounded(Double(chosen.asked) / Double(arriving.count)),
      "matched_mail": rounded(Double(matched) / Double(arriving.count)),
      "made_us": rounded(made * 1e6 / Double(max(1, count))), "heap_search": taken / max(1, count),
    ]
  }

  private static func ask(
    _ queries: StandingQueries, _ mails: [ArrivedMail], _ analyzers: AnalyzerSet, asksAll: Bool
  ) throws -> (times: Distribution, matches: [[UInt64]], asked: Int) {
    let context = SearchContext(
      folders: [SearchFolder(id: FolderID(rawValue: 1), name: "Inbox", role: "inbox")], now: Timestamp(rawValue: 0))
    var (times, found, asked) = (Distribution(), [[UInt64]](), 0)
    for mail in mails {
      let start = ContinuousClock.now
      let matches = try queries.matches(mail, analyzers, asksAll: asksAll) { context }
      times.values.append((ContinuousClock.now - start).seconds * 1e6)
      found.append(matches.queries)
      asked += matches.askedCount
    }
    return (times, found, asked)
  }
}

/// Invents searches that somebody may have saved who has these mails.
struct SearchInvention {
  private let documents: ArraySlice<Document>
  private let parts: Int
  private var random: SplitMix64

  init(_ documents: ArraySlice<Document>, seed: UInt64, parts: Int) {
    self.documents = documents
    self.parts = parts
    random = SplitMix64(state: seed)
  }

  mutating func next() -> String {
    if Int.random(in: 0..<100, using: &random) < parts { return "*\(word().dropFirst().dropLast())*" }
    return switch Int.random(in: 0..<100, using: &random) {
    case 0..<35: word()
    case 35..<60: "\(word()) \(word())"
    case 60..<75: "from:\(document().f)"
    case 75..<85: "subject:\(word()) is:unread"
    case 85..<92: "\"\(phrase())\""
    case 92..<96: "\(word()) OR \(word())"
    default: "\(word().prefix(6))* -\(word())"
    }
  }

  private mutating func document() -> Document {
    documents[Int.random(in: documents.indices, using: &random)]
  }

  /// The longest of three: nobody saves a search for what is in every mail.
  private mutating func word() -> String {
    while true {
      let words = Self.words(of: document())
      if words.isEmpty { continue }
      let some = (0..<3).map { _ in words[Int.random(in: words.indices, using: &random)] }
      if let longest = some.max(by: { $0.count < $1.count }) { return String(longest) }
    }
  }

  private mutating func phrase() -> String {
    while true {
      let words = Self.words(of: document())
      if words.count < 2 { continue }
      let start = Int.random(in: 0..<words.count - 1, using: &random)
      return "\(words[start]) \(words[start + 1])"
    }
  }

  private static func words(of document: Document) -> [Substring] {
    document.b.prefix(2_000).split { !($0.isASCII && $0.isLetter) }.filter { $0.count > 3 && $0 != "AROUND" }
  }
}

/// The same numbers for the same seed (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
