import Bytes

/// The columns of a part, in the order in which they lie.
enum PartColumn: Int, CaseIterable, Hashable, Sendable {
  case senders, subjects, kinds, lengths
}

/// One decoded column.
enum DecodedColumn: Sendable {
  case senders(SenderColumn)
  case subjects(SubjectColumn)
  case kinds(KindColumn)
  case lengths(LengthColumn)

  init(_ column: PartColumn, from reader: inout ByteReader, documentCount: Int) throws(DecodingError) {
    switch column {
    case .senders: self = .senders(try SenderColumn(from: &reader, documentCount: documentCount))
    case .subjects: self = .subjects(try SubjectColumn(from: &reader, documentCount: documentCount))
    case .kinds: self = .kinds(try KindColumn(from: &reader, documentCount: documentCount))
    case .lengths: self = .lengths(try LengthColumn(from: &reader, documentCount: documentCount))
    }
    guard reader.isAtEnd else {
      throw DecodingError(offset: reader.offset, message: "bytes after the column \(column)")
    }
  }

  /// Memory that it keeps, roughly.
  var byteCount: Int {
    switch self {
    case .senders(let column): column.byteCount + 256
    case .subjects(let column): column.byteCount + 128
    case .kinds(let column): column.byteCount + 128
    case .lengths(let column): column.byteCount + 64
    }
  }
}

/// A column of a user's part of a segment, by the segment's file number.
struct ColumnKey: Hashable, Sendable {
  let file: UInt64
  let user: UInt32
  let column: PartColumn
}

typealias ColumnCache = GenerationCache<ColumnKey, DecodedColumn>

extension SegmentPart {
  /// Read when first asked for, and kept within the caches' budget.
  package func senders() throws -> SenderColumn {
    guard case .senders(let column) = try decoded(.senders) else { preconditionFailure("another column") }
    return column
  }

  package func subjects() throws -> SubjectColumn {
    guard case .subjects(let column) = try decoded(.subjects) else { preconditionFailure("another column") }
    return column
  }

  package func kinds() throws -> KindColumn {
    guard case .kinds(let column) = try decoded(.kinds) else { preconditionFailure("another column") }
    return column
  }

  package func lengths() throws -> LengthColumn {
    guard case .lengths(let column) = try decoded(.lengths) else { preconditionFailure("another column") }
    return column
  }

  private func decoded(_ column: PartColumn) throws -> DecodedColumn {
    try segment.columns.value(
      for: ColumnKey(file: segment.number, user: fence.user, column: column), byteCount: \.byteCount
    ) { try decode(column) }
  }

  func decode(_ column: PartColumn) throws -> DecodedColumn {
    let offset = fence.columnsOffset + head.columnOffsets[column.rawValue]
    let byteCount = head.columnOffsets[column.rawValue + 1] - head.columnOffsets[column.rawValue]
    let bytes = try segment.read(at: offset, byteCount: Int(byteCount))
    return try decoding(at: offset) { () throws(DecodingError) in
      var reader = ByteReader(bytes)
      return try DecodedColumn(column, from: &reader, documentCount: documentCount)
    }
  }
}
