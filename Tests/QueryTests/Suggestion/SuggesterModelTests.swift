import Bytes
import Index
import Query
import TestSupport
import Testing

/// Whatever is kept, read or left out to be fast, the answers are those of the slow and obvious way.
struct SuggesterModelTests {
  private static let folders =
    RandomMail.folders
    + [
      "Budget", "회의/2024", "Häuser", "Lists/Swift", "lists/Rust/Budget", "Ünter", "İstanbul", "e\u{301}tude/x", "a//b",
    ]
    .enumerated().map { SearchFolder(id: FolderID(rawValue: UInt32(10 + $0)), name: $1, role: nil) }

  /// A mailbox of which some mail is in segments and some is not, some went away and some was moved.
  private func mailbox(_ random: inout RandomMail) throws -> (Mailbox, SuggestionModel) {
    let mailbox = try Mailbox()
    mailbox.context = SearchContext(folders: Self.folders, now: Timestamp(rawValue: 2_000 * 86_400_000))
    var mails: [DocID: SearchModel.Mail] = [:]
    for number in 1...60 as ClosedRange<UInt32> {
      let record = random.record()
      let folder = FolderID(rawValue: random.pick([1, 1, 1, 2, 3, 4]))
      let attributes = DocumentAttributes(
        receivedAt: Timestamp(rawValue: Int64.random(in: 0..<2_100, using: &random.generator) * 86_400_000),
        folder: folder, flags: [], labels: [], size: 100, thread: number)
      let docID = DocID(rawValue: number)
      mailbox.apply(.add(mailbox.user, docID, attributes, EncodedRecord.make(record, mailbox.analyzers)))
      mails[docID] = SearchModel.Mail(attributes: attributes, record: record)
      if number == 20 || number == 40 { try mailbox.invert() }
      if number == 50 { try mailbox.index.flush() }
    }
    for docID in mails.keys.sorted() where random.chance(15) {
      mailbox.apply(.remove(mailbox.user, docID))
      mails[docID] = nil
    }
    let search = SearchModel(analyzers: mailbox.analyzers, context: mailbox.context)
    return (mailbox, SuggestionModel(search: search, context: mailbox.context, mails: mails))
  }

  /// The beginning of a name, an address, a word of one, a folder or any other word, in whatever case.
  private func typed(_ random: inout RandomMail) -> String {
    let person = random.pick(RandomMail.people)
    let text = random.pick([
      person.1, person.0 ?? "", random.pick(RandomMail.words), random.pick(Self.folders).name,
      String(person.1.drop { $0 != "@" }.dropFirst()), String((person.0 ?? "").drop { $0 != " " }.dropFirst()),
    ])
    let beginning = String(text.prefix(Int.random(in: 1...8, using: &random.generator)))
    if beginning.isEmpty { return "b" }
    return random.chance(20) ? beginning.uppercased() : beginning
  }

  @Test(arguments: 0..<12 as Range<UInt64>)
  func `suggestions are those that a walk over every mail gives`(seed: UInt64) throws {
    var random = RandomMail(generator: SeededGenerator(seed: seed))
    let (mailbox, model) = try mailbox(&random)
    for round in 0..<60 {
      let typed = typed(&random)
      let limit = random.pick([1, 3, 8, 50])
      // In quotes, so that blanks and all else are taken as they were typed.
      func answered(_ before: String) throws -> [Suggestion] {
        try Suggester(mailbox.searcher).suggestions(
          for: before + "\"" + typed, in: mailbox.snapshot, context: mailbox.context, limit: limit
        ).filter { $0.kind != .operator }.map { Suggestion($0.kind, $0.text, query: "", name: $0.name) }
      }
      let place = "seed \(seed), round \(round), typed \(typed)"
      let people = model.people(typed, limit: limit)
      let subjects = model.subjects(typed, limit: limit)
      #expect(try answered("from:") == people, "\(place)")
      #expect(try answered("in:") == model.folders(typed, limit: limit, named: false), "\(place)")
      #expect(try answered("subject:") == subjects, "\(place)")
      let folders = model.folders(typed, limit: limit, named: true)
      #expect(try answered("") == people + folders + subjects, "\(place)")
    }
  }
}
