import Bytes
import Index

extension SearchTrace {
  /// The explanation, a line each: plan, slices with what was read of them, sums, times.
  package var lines: [String] {
    var lines = ["plan"] + plan
    var sum = PartTrace.Counts()
    if !slices.isEmpty { lines.append("slices") }
    for slice in slices {
      lines += text(of: slice)
      sum.add(slice.part?.counts ?? PartTrace.Counts())
    }
    lines.append("read")
    lines.append("  " + Self.text(sum))
    lines.append("  " + recordText(records))
    let found = total.map { ", \($0) hits in all" } ?? ""
    lines.append("  \(hits.count) shown" + found)
    lines.append("time")
    lines.append("  " + timeText)
    return lines
  }

  private func text(of trace: SliceTrace) -> [String] {
    let slice = trace.slice
    let name = slice.part.map { "segment \($0.fileName)" } ?? "pending"
    var line = "  \(name), \(slice.docIDs.count) documents"
    if let searchable = slice.searchable { line += ", \(searchable.documents.count) of them answered from here" }
    let shown = DocIDBitmap(slice.docIDs.map { DocID(rawValue: $0) })
    let own = records.filter { shown.contains($0.docID) && isAnswered($0.docID, from: slice) }
    guard !trace.plan.isEmpty else { return [line + ": not opened"] }
    let hitCount = hits.count { shown.contains($0) && isAnswered($0, from: slice) }
    var lines = [line + ", \(hitCount) of the page"] + trace.plan.map { "    " + $0 }
    if let part = trace.part { lines.append("    " + Self.text(part.counts)) }
    lines.append("    " + recordText(own))
    return lines
  }

  private func isAnswered(_ docID: DocID, from slice: Slice) -> Bool {
    slice.searchable?.documents.contains(docID) ?? true
  }

  private static func text(_ counts: PartTrace.Counts) -> String {
    "lists=\(counts.lists) blocks_decoded=\(counts.blocksDecoded) blocks_skipped=\(counts.blocksSkipped) "
      + "list_bytes=\(counts.listByteCount) dictionary_blocks=\(counts.dictionaryBlocks) "
      + "dictionary_bytes=\(counts.dictionaryByteCount) pages=\(counts.pages)"
  }

  private func recordText(_ records: [(docID: DocID, byteCount: Int)]) -> String {
    "records=\(records.count) record_bytes=\(records.reduce(0) { $0 + $1.byteCount })"
  }

  private var timeText: String {
    let times = steps.map { "\($0.name)_us=\($0.duration.microseconds)" }
    let sum = steps.reduce(Duration.zero) { $0 + $1.duration }
    return (times + ["total_us=\(sum.microseconds)"]).joined(separator: " ")
  }
}

extension PartTrace.Counts {
  fileprivate mutating func add(_ other: Self) {
    lists += other.lists
    blocksDecoded += other.blocksDecoded
    blocksSkipped += other.blocksSkipped
    dictionaryBlocks += other.dictionaryBlocks
    listByteCount += other.listByteCount
    dictionaryByteCount += other.dictionaryByteCount
    pages += other.pages
  }
}

extension Duration {
  fileprivate var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
