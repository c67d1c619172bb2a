import Index

/// What the columns of segments answer, and in documents that are in none the records.
enum ColumnFilter {
  case kind(FileKind)
  /// An address as `ExtractedTextRecord.senderAddress` folds it.
  case sender(String)

  func matches(_ record: ExtractedTextRecord) -> Bool {
    switch self {
    case .kind(let kind): record.kinds.contains(FileKinds(kind))
    case .sender(let address): record.senderAddress == address && !address.isEmpty
    }
  }
}
