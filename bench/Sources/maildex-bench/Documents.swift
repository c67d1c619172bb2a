import Bytes
import Foundation
import Index

/// One mail of a document file: JSON lines, sorted by date; its rank is the line's number from 1.
struct Document: Decodable {
  let u: String
  let d: Double
  let f: String
  let t: String
  let s: String
  var b: String
  let i: String
  let r: Flag

  /// Unread, as true and false or as 1 and 0.
  struct Flag: Decodable {
    let isUnread: Bool

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      isUnread = try (try? container.decode(Bool.self)) ?? (container.decode(Int.self) != 0)
    }
  }

  var textByteCount: Int { s.utf8.count + b.utf8.count + f.utf8.count + t.utf8.count }

  var record: ExtractedTextRecord {
    var record = ExtractedTextRecord()
    record.subject = s
    record.from = [.init(name: nil, address: f)]
    record.to = t.split(whereSeparator: { $0 == "," || $0 == " " }).map { .init(name: nil, address: String($0)) }
    record.body = b
    record.messageID = i
    return record
  }

  var attributes: DocumentAttributes {
    DocumentAttributes(
      receivedAt: Timestamp(rawValue: Int64(d * 1_000)), folder: FolderID(rawValue: 1),
      flags: r.isUnread ? [] : [.isRead], labels: [], size: UInt64(textByteCount), thread: 0)
  }

  /// - Parameter limit: `nil` for all.
  static func read(_ path: String, limit: Int?) throws -> [Document] {
    let decoder = JSONDecoder()
    let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    return try data.split(separator: UInt8(ascii: "\n"), maxSplits: limit ?? .max).prefix(limit ?? .max)
      .map { try decoder.decode(Document.self, from: $0) }
  }
}
