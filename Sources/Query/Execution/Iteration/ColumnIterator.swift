import Bytes
import Index

/// Walks the documents of a part whose value in a column is one of some, looking at each.
final class ColumnIterator: DocumentIterator {
  private static let documentsPerLook: UInt32 = 1 << 16

  private let count: UInt32
  private let deadline: SearchDeadline
  private let isWanted: (Int) -> Bool

  /// - Parameter isWanted: told an ordinal.
  init(count: Int, _ deadline: SearchDeadline, where isWanted: @escaping (Int) -> Bool) throws {
    self.count = UInt32(count)
    self.deadline = deadline
    self.isWanted = isWanted
    super.init(cost: count, isExact: true)
    try find(from: 0)
  }

  override func advance(to target: UInt32) throws {
    if ordinal < target { try find(from: target) }
  }

  private func find(from target: UInt32) throws {
    var index = target
    while index < count, !isWanted(Int(index)) {
      index += 1
      if index % Self.documentsPerLook == 0 { try deadline.check() }
    }
    ordinal = index < count ? index : Self.end
  }
}

extension SliceBinder {
  func columnIterator(_ filter: ColumnFilter) throws -> DocumentIterator {
    try scope.deadline.check()
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
    return try ColumnIterator(count: part.documentCount, scope.deadline) { isWanted[column.number(at: $0)] }
  }

  private func senderIterator(_ address: [UInt8], _ part: SegmentPart) throws -> DocumentIterator {
    let column = try part.senders()
    guard !address.isEmpty, let number = column.number(of: address) else { return EmptyIterator() }
    let isWanted = (0..<column.count).map { column.addressNumber(of: $0) == number }
    guard isWanted.contains(true) else { return EmptyIterator() }
    return try ColumnIterator(count: part.documentCount, scope.deadline) { isWanted[column.sender(at: $0)] }
  }
}
