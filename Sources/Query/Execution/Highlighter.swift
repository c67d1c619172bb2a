package import Analysis
package import Index

/// A piece of text that is a match or is none.
package struct HighlightRun: Sendable, Hashable {
  package let text: String
  package let isMatch: Bool

  package init(text: String, isMatch: Bool) {
    self.text = text
    self.isMatch = isMatch
  }
}

/// What a hit shows: each field as runs that joined give the text shown. Empty where the field is empty.
package struct Highlights: Sendable, Hashable {
  /// The first thousand bytes.
  package var subject: [HighlightRun]
  /// As many senders as a thousand bytes hold.
  package var from: [HighlightRun]
  /// A window of about 200 bytes: the one with the most different words of the query among the first 256 matches in the first
  /// 4 KiB, outside of quoted lines where there is a choice; around the first match where there is none so early.
  package var body: [HighlightRun]
  /// The attachments whose text matches, ten at most and in the first 256 KiB of all of them together, each with a window as that of the body.
  package var attachments: [AttachmentHighlight]

  package init(
    subject: [HighlightRun], from: [HighlightRun], body: [HighlightRun], attachments: [AttachmentHighlight] = []
  ) {
    self.subject = subject
    self.from = from
    self.body = body
    self.attachments = attachments
  }
}

/// Where a hit matches beside the mail's own text.
package struct AttachmentHighlight: Sendable, Hashable {
  /// The file's name; nil where it is not known.
  package let filename: String?
  package let text: [HighlightRun]

  package init(filename: String?, text: [HighlightRun]) {
    self.filename = filename
    self.text = text
  }
}

/// Marks the words of a query in the records of its hits. Words under a NOT are not marked. Past the deadline texts are
/// shown from their beginning, unmarked.
package struct Highlighter: Sendable {
  private static let headerByteCount = 1_000
  private static let windowByteCount = 200
  /// Of a body, in which all matches are looked at.
  private static let choiceByteCount = 4 << 10
  /// How far the ends of a window move to stand between words.
  private static let wordReach = 30
  private static let attachmentLimit = 10
  /// Of a hit's attachments, in which matches are looked for: of a document of thousands of pages the first hundred.
  private static let attachmentByteCount = 256 << 10

  private let subject: MatchFinder
  private let from: MatchFinder
  private let body: MatchFinder
  private let attachment: MatchFinder
  /// Whether the query asks anything of attachments' texts.
  private let asksAttachments: Bool

  package init(_ query: QueryNode, _ analyzers: AnalyzerSet) {
    let leaves = query.positiveTexts.map { TextLeaf($0.text, $0.field, analyzers) }
    func finder(_ field: RecordField) -> MatchFinder {
      MatchFinder(leaves.map { $0.pattern(for: field) }, analyzers[field.analyzer])
    }
    subject = finder(.subject)
    from = finder(.from)
    body = finder(.body)
    attachment = finder(.attachment)
    asksAttachments = leaves.contains { !$0.pattern(for: .attachment).isNone }
  }

  package func highlights(of record: ExtractedTextRecord, deadline: SearchDeadline = .never) -> Highlights {
    Highlights(
      subject: beginning(of: record.subject, subject, deadline), from: senders(record.from, deadline),
      body: window(of: record.body, body, deadline), attachments: attachments(record.attachmentTexts, deadline))
  }

  private func attachments(
    _ attachments: [ExtractedTextRecord.AttachmentText], _ deadline: SearchDeadline
  ) -> [AttachmentHighlight] {
    guard asksAttachments else { return [] }
    var found: [AttachmentHighlight] = []
    var left = Self.attachmentByteCount
    for each in attachments where found.count < Self.attachmentLimit && left > 0 {
      let text = each.text.utf8.count <= left ? each.text : String(decoding: each.text.utf8.prefix(left), as: UTF8.self)
      left -= text.utf8.count
      let runs = window(of: text, attachment, deadline)
      if runs.contains(where: \.isMatch) { found.append(AttachmentHighlight(filename: each.filename, text: runs)) }
    }
    return found
  }

  private func senders(_ senders: [ExtractedTextRecord.Address], _ deadline: SearchDeadline) -> [HighlightRun] {
    var runs: [HighlightRun] = []
    var byteCount = 0
    for sender in senders where byteCount < Self.headerByteCount {
      let start = runs.count
      if start > 0 { runs.append(HighlightRun(text: ", ", isMatch: false)) }
      let address = beginning(of: sender.address, from, deadline)
      if let name = sender.name, !name.isEmpty {
        runs += beginning(of: name, from, deadline)
        runs += [HighlightRun(text: " <", isMatch: false)] + address + [HighlightRun(text: ">", isMatch: false)]
      } else {
        runs += address
      }
      byteCount += runs[start...].reduce(0) { $0 + $1.text.utf8.count }
    }
    return Self.joined(runs)
  }

  private func beginning(of text: String, _ finder: MatchFinder, _ deadline: SearchDeadline) -> [HighlightRun] {
    var text = text
    text.makeContiguousUTF8()
    let bytes = text.utf8.span
    let window = 0..<Self.scalarStart(bytes, min(bytes.count, Self.headerByteCount))
    return Self.runs(bytes, window, finder.matches(in: bytes, deadline) { _ in window })
  }

  private func window(
    of text: String, _ finder: MatchFinder, _ deadline: SearchDeadline
  ) -> [HighlightRun] {
    var text = text
    text.makeContiguousUTF8()
    let bytes = text.utf8.span
    let choice = 0..<min(bytes.count, Self.choiceByteCount)
    // And as far as an excerpt reaches that begins there.
    let reach = 0..<min(bytes.count, choice.upperBound + Self.windowByteCount + 2 * Self.wordReach)
    let near = finder.matches(in: bytes, deadline) { _ in reach }
    // A window begins a third of its length before the match.
    let candidates = near.filter { $0.range.lowerBound < choice.upperBound }
    if let best = BestWindow(candidates, in: bytes).start(byteCount: 2 * Self.windowByteCount / 3) {
      return Self.runs(bytes, Self.window(in: bytes, around: best), near)
    }
    var window = Self.window(in: bytes, around: 0)
    if bytes.count == choice.count { return Self.runs(bytes, window, []) }
    let matches = finder.matches(in: bytes, deadline) { first in
      if let first { window = Self.window(in: bytes, around: first.lowerBound) }
      return first == nil ? nil : window
    }
    return Self.runs(bytes, window, matches)
  }

  private static func window(in bytes: Span<UInt8>, around match: Int) -> Range<Int> {
    let latest = max(0, bytes.count - windowByteCount)
    let start = wordStart(bytes, min(max(0, match - windowByteCount / 3), latest), limit: match)
    return start..<wordEnd(bytes, min(bytes.count, start + windowByteCount))
  }

  private static func runs(
    _ bytes: Span<UInt8>, _ window: Range<Int>, _ matches: [MatchFinder.Match]
  ) -> [HighlightRun] {
    var runs: [HighlightRun] = []
    var start = window.lowerBound
    func append(_ end: Int, isMatch: Bool) {
      guard end > start else { return }
      let text = String(decoding: (start..<end).map { bytes[$0] }, as: UTF8.self)
      runs.append(HighlightRun(text: text, isMatch: isMatch))
      start = end
    }
    for match in matches.map(\.range) where match.overlaps(window) {
      append(max(match.lowerBound, window.lowerBound), isMatch: false)
      append(min(match.upperBound, window.upperBound), isMatch: true)
    }
    append(window.upperBound, isMatch: false)
    return runs
  }

  /// Neighbours of one kind become one run.
  private static func joined(_ runs: [HighlightRun]) -> [HighlightRun] {
    var joined: [HighlightRun] = []
    for run in runs {
      if let last = joined.last, last.isMatch == run.isMatch {
        joined[joined.count - 1] = HighlightRun(text: last.text + run.text, isMatch: run.isMatch)
      } else {
        joined.append(run)
      }
    }
    return joined
  }

  /// Forward to the start of a word, or at least of a scalar, and not past `limit`.
  private static func wordStart(_ bytes: Span<UInt8>, _ start: Int, limit: Int) -> Int {
    if start == 0 { return 0 }
    for index in start..<max(start, min(limit, start + wordReach)) where isSpace(bytes[index - 1]) { return index }
    return min(scalarStart(bytes, start), limit)
  }

  /// Forward to the end of a word, or at least of a scalar.
  private static func wordEnd(_ bytes: Span<UInt8>, _ end: Int) -> Int {
    for index in end..<max(end, min(bytes.count, end + wordReach)) where isSpace(bytes[index]) { return index }
    return scalarStart(bytes, end)
  }

  private static func scalarStart(_ bytes: Span<UInt8>, _ start: Int) -> Int {
    var index = start
    while index < bytes.count, bytes[index] & 0xC0 == 0x80 { index += 1 }
    return index
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension QueryNode {
  /// The texts that a hit may hold.
  fileprivate var positiveTexts: [(field: QueryField?, text: TextQuery)] {
    switch self {
    case .text(let field, let text): [(field, text)]
    case .and(let nodes), .or(let nodes): nodes.flatMap(\.positiveTexts)
    default: []
    }
  }
}
