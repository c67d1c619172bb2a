import ArgumentParser
import Foundation

/// Indexes all documents with one thread; the clock stops when the last is durable and searchable. Merges and segments that
/// are due then are settled after it.
struct Bulk: ParsableCommand {
  @Option var docs: String
  @Option var dir: String
  @Option var limit: Int?
  @Flag var users = false

  func run() throws {
    let documents = try Document.read(docs, limit: limit)
    let textByteCount = documents.reduce(0) { $0 + $1.textByteCount }
    let before = Meter.residentMegabytes
    let bench = try BenchIndex(dir, hasUsers: users)
    let meter = Meter()
    for (index, document) in documents.enumerated() {
      bench.apply([bench.mutation(document, rank: index + 1)])
      if bench.index.unflushedByteCount >= 8 << 20 { try bench.index.flush() }
    }
    try bench.index.flush()
    let (seconds, cpu, written) = (meter.seconds, meter.cpuSeconds, meter.writtenByteCount)
    let size = Meter.byteCount(ofFilesIn: dir + "/index")
    try bench.compact()
    let mails = Double(documents.count)
    let optimized = Meter.byteCount(ofFilesIn: dir + "/index")
    let statistics = bench.index.statistics()
    let (total, writtenInAll) = (meter.seconds, meter.writtenByteCount)
    try bench.ledger.write(dir)
    try printJSON(
      [
        "mails": documents.count, "text_mb": rounded(Double(textByteCount) / 1e6), "seconds": rounded(seconds),
        "cpu_s": rounded(cpu), "mails_s": rounded(mails / seconds),
        "mb_s": rounded(Double(textByteCount) / 1e6 / seconds), "size": size,
        "bytes_mail": rounded(Double(size) / mails), "size_ratio": rounded(Double(size) / Double(textByteCount)),
        "optimize_s": rounded(total - seconds), "size_optimized": optimized,
        "bytes_mail_optimized": rounded(Double(optimized) / mails),
        "segment_bytes_mail": rounded(Double(statistics.segmentByteCount) / mails),
        "written_mail": rounded(Double(written) / mails),
        "written_mail_optimized": rounded(Double(writtenInAll) / mails),
        "rss_mb": rounded(max(0, Meter.peakMegabytes - before)),
      ] as [String: Any])
  }
}
