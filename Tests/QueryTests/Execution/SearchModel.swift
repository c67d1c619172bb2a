import Analysis
import Bytes
import Index
import Query

/// The slow and obvious search: decodes every mail of the user and looks at each word of the query in turn.
struct SearchModel {
  struct Mail {
    var attributes: DocumentAttributes
    var record: ExtractedTextRecord
  }

  let analyzers: AnalyzerSet
  let context: SearchContext
  /// Tokens of values seen before: the same ones are asked for again and again.
  private let memo = TokenMemo()

  init(analyzers: AnalyzerSet, context: SearchContext) {
    self.analyzers = analyzers
    self.context = context
  }

  /// All hits in the order asked for.
  func search(_ query: QueryNode, _ mails: [DocID: Mail], _ sort: SortOrder) -> [DocID] {
    let hidden = hiddenFolders(query)
    let hits = mails.filter { !hidden.contains($0.value.attributes.folder) && matches(query, $0.key, $0.value) == true }
    return hits.keys.sorted { left, right in precedes((left, hits[left]!), (right, hits[right]!), sort) }
  }

  private func precedes(_ left: (DocID, Mail), _ right: (DocID, Mail), _ sort: SortOrder) -> Bool {
    let (l, r) = (left.1, right.1)
    func newest() -> Bool { (r.attributes.receivedAt, right.0) < (l.attributes.receivedAt, left.0) }
    switch sort {
    case .newestFirst, .relevance: return newest()
    case .oldestFirst: return (l.attributes.receivedAt, left.0) < (r.attributes.receivedAt, right.0)
    case .largestFirst: return l.attributes.size == r.attributes.size ? newest() : l.attributes.size > r.attributes.size
    case .smallestFirst:
      return l.attributes.size == r.attributes.size ? newest() : l.attributes.size < r.attributes.size
    case .from: return text(sender(l), sender(r), newest)
    case .subject: return text(subject(l), subject(r), newest)
    }
  }

  private func text(_ left: String, _ right: String, _ newest: () -> Bool) -> Bool {
    let (left, right) = (Array(left.lowercased().utf8), Array(right.lowercased().utf8))
    return left == right ? newest() : left.lexicographicallyPrecedes(right)
  }

  private func sender(_ mail: Mail) -> String {
    guard let first = mail.record.from.first else { return "" }
    return first.name.flatMap { $0.isEmpty ? nil : $0 } ?? first.address
  }

  private func subject(_ mail: Mail) -> String {
    mail.record.subject.hasPrefix("Re: ") ? String(mail.record.subject.dropFirst(4)) : mail.record.subject
  }

  private func hiddenFolders(_ query: QueryNode) -> Set<FolderID> {
    if query.reachesAnywhere { return [] }
    let named = Set(query.namedFolders.flatMap(folders))
    return Set(context.folders.filter { $0.role == "spam" || $0.role == "trash" }.map(\.id)).subtracting(named)
  }

  private func folders(_ name: String) -> [FolderID] {
    if let named = context.folders.first(where: { $0.publicID == name }) { return [named.id] }
    let name = name.lowercased()
    let exact = context.folders.filter { $0.name.lowercased() == name || $0.role == name }
    return (exact.isEmpty ? context.folders.filter { $0.name.lowercased().hasSuffix("/\(name)") } : exact).map(\.id)
  }

  /// `nil` where nothing is asked: punctuation, whatever stands around it.
  private func matches(_ query: QueryNode, _ docID: DocID, _ mail: Mail) -> Bool? {
    let answers = query.children.compactMap { matches($0, docID, mail) }
    switch query {
    case .and: return answers.isEmpty ? nil : answers.allSatisfy { $0 }
    case .or: return answers.isEmpty ? nil : answers.contains(true)
    case .not: return answers.first.map { !$0 }
    case .text(let field, let text):
      if isPunctuation(query) { return nil }
      return values(field, mail.record).contains { matches(text, $0, $1) } || hasInitials(text, field, mail.record)
    default: return matchesFilter(query, mail)
    }
  }

  private func matchesFilter(_ query: QueryNode, _ mail: Mail) -> Bool {
    let attributes = mail.attributes
    let day = { (day: Int) in Timestamp(rawValue: Int64(day) * 86_400_000) }
    let today = Int(context.now.rawValue / 86_400_000)
    switch query {
    case .all, .anywhere: return true
    case .and, .or, .not, .text: preconditionFailure("no filter")
    case .folder(let name, _): return folders(name).contains(attributes.folder)
    case .flag(.read): return attributes.flags.contains(.isRead)
    case .flag(.unread): return !attributes.flags.contains(.isRead)
    case .flag(.starred): return attributes.flags.contains(.isStarred)
    case .flag(.replied): return attributes.flags.contains(.isReplied)
    case .label(let label, _): return attributes.labels.contains { $0.lowercased() == label.lowercased() }
    case .hasAttachment: return attributes.flags.contains(.hasAttachment)
    case .hasFile(let kind): return mail.record.kinds.contains(FileKinds(kind))
    case .sender(let address): return mail.record.from.first?.address.lowercased() == address.lowercased()
    case .before(let date): return attributes.receivedAt < day(date.days(today: today).lowerBound)
    case .after(let date): return attributes.receivedAt >= day(date.days(today: today).lowerBound)
    case .on(let date):
      let days = date.days(today: today)
      return attributes.receivedAt >= day(days.lowerBound) && attributes.receivedAt < day(days.upperBound)
    case .date(let range):
      let days = range.days(today: today)
      return attributes.receivedAt >= day(days.lower ?? -1_000_000)
        && attributes.receivedAt < day(days.upper ?? 1_000_000)
    case .olderThan(let age): return attributes.receivedAt < age.moment(before: context.now)
    case .newerThan(let age): return attributes.receivedAt >= age.moment(before: context.now)
    case .larger(let size): return attributes.size > size
    case .smaller(let size): return attributes.size < size
    case .messageID(let id): return mail.record.messageID == id
    case .thread(let id): return context.thread(id) == attributes.thread
    case .header: preconditionFailure("the model knows text records alone")
    }
  }

  /// Whether syllables of a subject, a name or a file's name begin with the consonants.
  private func hasInitials(_ text: TextQuery, _ field: QueryField?, _ record: ExtractedTextRecord) -> Bool {
    guard text.kind == .word, text.neighbour == nil, field != .body, field != .attachment else { return false }
    let fields: [QueryField] = field.map { [$0] } ?? [.subject, .from, .to, .filename]
    return fields.flatMap { values($0, record) }.contains { analyzer, value in
      analyzer.pattern(forInitials: text.text)?.matches(memo.tokens(value, analyzer)) ?? false
    }
  }

  private func matches(_ text: TextQuery, _ analyzer: Analyzer, _ value: String) -> Bool {
    pattern(text, analyzer).matches(memo.tokens(value, analyzer))
  }

  private func pattern(_ text: TextQuery, _ analyzer: Analyzer) -> TextPattern {
    let own = patternAlone(text, analyzer)
    guard let neighbour = text.neighbour else { return own }
    let other = patternAlone(neighbour.query, analyzer)
    if own.isNone || other.isNone { return .none }
    return TextPattern(own.phrases, near: TextPattern.Neighbour(other.phrases, within: neighbour.distance))
  }

  private func patternAlone(_ text: TextQuery, _ analyzer: Analyzer) -> TextPattern {
    switch text.kind {
    case .word:
      analyzer.pattern(forWord: text.text, stemming: analyzer.name == "text" ? analyzers.stemming : [])
    case .phrase: analyzer.pattern(forPhrase: text.text)
    case .prefix: analyzer.pattern(forPrefix: text.text)
    case .substring: analyzer.pattern(forSubstring: text.text)
    case .fuzzy: analyzer.pattern(forFuzzy: text.text, distance: 1)
    case .fuzzy2: analyzer.pattern(forFuzzy: text.text, distance: 2)
    }
  }

  /// Words that no analyzer can look for.
  private func isPunctuation(_ query: QueryNode) -> Bool {
    guard case .text(_, let text) = query else { return false }
    return [analyzers.text, analyzers.address, analyzers.filename].allSatisfy { pattern(text, $0).isNone }
  }

  private func values(_ field: QueryField?, _ record: ExtractedTextRecord) -> [(Analyzer, String)] {
    func people(_ list: [ExtractedTextRecord.Address]) -> [(Analyzer, String)] {
      list.flatMap { [(analyzers.address, $0.name ?? ""), (analyzers.address, $0.address)] }
    }
    switch field {
    case .subject: return [(analyzers.text, record.subject)]
    case .from: return people(record.from)
    case .to: return people(record.to + record.cc + record.bcc)
    case .cc: return people(record.cc)
    case .bcc: return people(record.bcc)
    case .body: return [(analyzers.text, record.body)]
    case .filename: return record.attachmentNames.map { (analyzers.filename, $0) }
    case .attachment: return record.attachmentTexts.map { (analyzers.text, $0.text) }
    case .list: return record.listID.map { [(analyzers.address, $0)] } ?? []
    case nil:
      return [.subject, .from, .to, .body, .filename].flatMap { values($0, record) }
        + record.attachmentTexts.map { (analyzers.text, $0.text) }
    }
  }
}

private final class TokenMemo {
  private struct Key: Hashable {
    var analyzer: String
    var value: String
  }

  private var known: [Key: [Token]] = [:]

  func tokens(_ value: String, _ analyzer: Analyzer) -> [Token] {
    let key = Key(analyzer: analyzer.name, value: value)
    if let tokens = known[key] { return tokens }
    let tokens = analyzer.tokens(value)
    known[key] = tokens
    return tokens
  }
}
