import Bytes
import Index

/// Walks the documents of a part whose value in a column is one of some, looking at each.
final class ColumnIterator: DocumentIterator {
  private let count: UInt32
  private let isWanted: (Int) -> Bool

  /// - Parameter isWanted: told an ordinal.
  init(count: Int, where isWanted: @escaping (Int) -> Bool) {
    self.count = UInt32(count)
    self.isWanted = isWanted
    super.init(cost: count, isExact: true)
    find(from: 0)
  }

  override func advance(to target: UInt32) {
    if ordinal < target { find(from: target) }
  }

  private func find(from target: UInt32) {
    var index = target
    while index < count, !isWanted(Int(index)) { index += 1 }
    ordinal = index < count ? index : Self.end
  }
}

extension SliceBinder {
  func columnIterator(_ filter: ColumnFilter) throws -> DocumentIterator {
    guard let part = slice.part else {
      return VerifiedIterator(AllIterator(count: slice.docIDs.count), in: slice.docIDs) { [scope] docID in
        filter.matches(try scope.cache.record(docID))
      }
    }
    switch filter {
    case .kind(let kind): return try kindIterator(FileKinds(kind), part)
    case .sender(let address): return try senderIterator(Array(address.utf8), part)
    }
  }

  private func kindIterator(_ kind: FileKinds, _ part: SegmentPart) throws -> DocumentIterator {
    let column = try part.kinds()
    let isWanted = column.masks.map { $0.contains(kind) }
    guard isWanted.contains(true) else { return EmptyIterator() }
    return ColumnIterator(count: part.documentCount) { isWanted[column.number(at: $0)] }
  }

  private func senderIterator(_ address: [UInt8], _ part: SegmentPart) throws -> DocumentIterator {
    let column = try part.senders()
    guard !address.isEmpty, let number = column.number(of: address) else { return EmptyIterator() }
    let isWanted = (0..<column.count).map { column.addressNumber(of: $0) == number }
    guard isWanted.contains(true) else { return EmptyIterator() }
    return ColumnIterator(count: part.documentCount) { isWanted[column.sender(at: $0)] }
  }
}
