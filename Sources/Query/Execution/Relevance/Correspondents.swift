import Bytes
import Index

/// The people whom the user writes to: those to whom the newest sent mail goes, and those whose mail was answered, the newest again.
struct Correspondents {
  /// Mails of either kind that are looked at: their records are read.
  private static let recordLimit = 64

  private let cache: RecordCache
  private var addresses: Set<[UInt8]> = []

  /// - Parameter newest: later mail does not count.
  init(
    _ snapshot: UserSnapshot, _ context: SearchContext, _ cache: RecordCache, until newest: DocID
  ) throws {
    self.cache = cache
    let attributes = snapshot.attributes
    let later = attributes.live.later(than: newest)
    var sent = DocIDBitmap()
    for folder in context.folders where folder.role == "sent" { sent.formUnion(attributes.folder(folder.id)) }
    try forEachRecord(of: sent.subtracting(later), attributes) { record in
      (record.to + record.cc + record.bcc).map(\.address)
    }
    try forEachRecord(of: attributes.replied.subtracting(later).subtracting(sent), attributes) { record in
      [record.senderAddress]
    }
  }

  /// One that cannot be read is no hit, and decides nothing.
  private mutating func forEachRecord(
    of documents: DocIDBitmap, _ attributes: UserAttributes, _ people: (ExtractedTextRecord) -> [String]
  ) throws {
    if documents.isEmpty { return }
    var cursor = DateWindow.always.cursor(over: documents, attributes)
    var count = 0
    while count < Self.recordLimit, let key = try cursor.next() {
      count += 1
      let record: ExtractedTextRecord
      do { record = try cache.record(key.docID) } catch is IndexError { continue }
      for address in people(record) { addresses.insert(Array(ExtractedTextRecord.senderAddress(address).utf8)) }
    }
    addresses.remove([])
  }

  /// Tells of the ordinals of a slice whether the mail is from one of these people.
  func senders(of slice: Slice) throws -> (_ ordinal: Int) throws -> Bool {
    if addresses.isEmpty { return { _ in false } }
    guard let part = slice.part else {
      return { [cache, addresses] ordinal in
        addresses.contains(Array(try cache.record(DocID(rawValue: slice.docIDs[ordinal])).senderAddress.utf8))
      }
    }
    let column = try part.senders()
    let strings = column.strings { addresses.contains($0) }
    return { strings[column.addressNumber(of: column.sender(at: $0))] }
  }
}
