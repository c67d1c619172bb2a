import Bytes
import Index

/// What all pages of an answer by relevance are ranked by, kept in their cursors: mail that comes or goes between two pages moves no
/// other to another place.
struct RelevanceBasis: Equatable {
  /// Later mail is on no page.
  let newest: DocID
  /// Mails in the mailbox.
  let documentCount: Int
  /// Of each word, in how many mails it is; `nil` where it is yet to be counted.
  var frequencies: [Int]?

  /// Of a first page.
  init(_ live: DocIDBitmap) {
    newest = live.last ?? DocID(rawValue: 0)
    documentCount = live.count
  }

  // MARK: In a cursor

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.writeVarint(UInt64(newest.rawValue))
    writer.writeVarint(UInt64(documentCount))
    for frequency in frequencies ?? [] { writer.writeVarint(UInt64(frequency)) }
    return writer.bytes
  }

  init(_ bytes: [UInt8]) throws(DecodingError) {
    var reader = ByteReader(bytes)
    newest = DocID(rawValue: UInt32(clamping: try reader.readVarint()))
    documentCount = Int(clamping: try reader.readVarint())
    var frequencies: [Int] = []
    while !reader.isAtEnd { frequencies.append(Int(clamping: try reader.readVarint())) }
    self.frequencies = frequencies
  }
}
