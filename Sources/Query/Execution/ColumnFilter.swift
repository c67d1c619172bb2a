import Index

/// What the columns of segments answer, and in documents that are in none the records.
enum ColumnFilter {
  case kind(FileKind)
  /// An address as `ExtractedTextRecord.senderAddress` folds it.
  case sender(String)

  func matches(_ record: ExtractedTextRecord) -> Bool {
    switch self {
    case .kind(let kind): record.kinds.contains(FileKinds(kind))
    // By bytes, as columns and facets have it: `==` would take addresses for one that differ in their composition.
    case .sender(let address): record.senderAddress.utf8.elementsEqual(address.utf8) && !address.isEmpty
    }
  }
}
