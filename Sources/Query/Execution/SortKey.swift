import Bytes
import Index

/// A hit's place in an order: a number or a text, and within equal ones the newest first. Which of the two counts, and
/// in which direction, is the sort order's.
struct SortKey: Equatable {
  /// The size, for orders by size.
  var number: UInt64 = 0
  /// The folded text, for orders by sender or subject: the first 128 bytes.
  var text: [UInt8] = []
  var document: DocumentKey

  static let textLimit = 128
}

extension SortOrder {
  /// Whether `left` comes before `right`.
  func precedes(_ left: SortKey, _ right: SortKey) -> Bool {
    switch self {
    case .newestFirst, .relevance: break
    case .oldestFirst: return left.document < right.document
    case .largestFirst: if left.number != right.number { return left.number > right.number }
    case .smallestFirst: if left.number != right.number { return left.number < right.number }
    case .from, .subject:
      if left.text != right.text { return left.text.lexicographicallyPrecedes(right.text) }
    }
    return left.document > right.document
  }

  func key(of document: DocumentKey, _ attributes: UserAttributes, _ records: RecordCache) throws -> SortKey {
    var key = SortKey(document: document)
    switch self {
    case .newestFirst, .oldestFirst, .relevance: break
    case .largestFirst, .smallestFirst: key.number = attributes.size(document.docID)
    case .from: key.text = Self.senderKey(try records.record(document.docID))
    case .subject: key.text = Self.subjectKey(try records.record(document.docID).subject)
    }
    return key
  }

  private static func senderKey(_ record: ExtractedTextRecord) -> [UInt8] {
    guard let sender = record.from.first else { return [] }
    let name = sender.name ?? ""
    return fold(name.isEmpty ? sender.address : name)
  }

  static func subjectKey(_ subject: String) -> [UInt8] {
    var rest = subject.prefix(1_024).drop(while: \.isWhitespace)
    while let colon = rest.firstIndex(of: ":"), replyMarks.contains(rest[..<colon].lowercased()) {
      rest = rest[rest.index(after: colon)...].drop(while: \.isWhitespace)
    }
    return fold(String(rest))
  }

  /// What replies and forwards put before a subject, in the languages met most.
  private static let replyMarks: Set<String> = [
    "re", "fw", "fwd", "aw", "wg", "sv", "vs", "antw", "tr", "rif", "답장", "전달", "回复", "转发", "返信", "转寄",
  ]

  private static func fold(_ text: String) -> [UInt8] {
    Array(text.prefix(textKeyLimit).lowercased().utf8.prefix(SortKey.textLimit))
  }

  private static let textKeyLimit = 256
}
