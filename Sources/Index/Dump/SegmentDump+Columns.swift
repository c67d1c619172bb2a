import Bytes

extension SegmentDump {
  /// Documents whose values are shown.
  private static let shownDocuments = 32

  /// Of each document, newest first, what the columns say of it.
  func writeColumns(of part: SegmentPart) throws {
    let sizes = PartColumn.allCases.map { column in
      "\(column) \(part.head.columnOffsets[column.rawValue + 1] - part.head.columnOffsets[column.rawValue]) bytes"
    }
    try output.line("  \(part.fence.columnsOffset): columns, " + sizes.joined(separator: ", "))
    // Each for itself: one that is damaged keeps nothing else from being shown.
    let senders = try output.noting(path) { try part.senders() }
    let subjects = try output.noting(path) { try part.subjects() }
    let kinds = try output.noting(path) { try part.kinds() }
    let lengths = try output.noting(path) { try part.lengths() }
    for (ordinal, docID) in part.docIDs.prefix(Self.shownDocuments).enumerated() {
      var values: [String] = []
      if let senders { values.append(Self.text(senders, at: ordinal)) }
      if let subjects { values.append(Self.text(subjects.prefix(at: ordinal))) }
      if let kinds { values.append(Self.text(kinds.masks[kinds.number(at: ordinal)])) }
      if let lengths { values.append("\(lengths.wordCount(at: ordinal)) words") }
      try output.line("    document \(docID): " + values.joined(separator: ", "))
    }
    if part.docIDs.count > Self.shownDocuments {
      try output.line("    and \(part.docIDs.count - Self.shownDocuments) more")
    }
  }

  private static func text(_ column: SenderColumn, at ordinal: Int) -> String {
    let sender = column.columnSender(column.sender(at: ordinal))
    let (key, address) = (String(decoding: sender.key, as: UTF8.self), String(decoding: sender.address, as: UTF8.self))
    if key.isEmpty && address.isEmpty { return "no sender" }
    return key == address ? "sender \(address)" : "sender \(address) (\(key))"
  }

  private static func text(_ prefix: SortPrefix) -> String {
    let length = Int(prefix.rawValue & 0xFF)
    if length == 0 { return "no subject" }
    let bytes = (0..<min(length, 7)).map { UInt8(truncatingIfNeeded: prefix.rawValue >> UInt64(56 - 8 * $0)) }
    return "subject \(String(decoding: bytes, as: UTF8.self))\(prefix.isWhole ? "" : "…")"
  }

  private static func text(_ kinds: FileKinds) -> String {
    let names = FileKind.allCases.filter { kinds.contains(FileKinds($0)) }.map(\.name)
    return names.isEmpty ? "no files" : names.joined(separator: " ")
  }
}
