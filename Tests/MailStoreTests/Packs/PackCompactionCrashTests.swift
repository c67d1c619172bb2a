import Bytes
import TestSupport
import Testing

@testable import MailStore

/// The machine stops at each step of a compaction. Whatever is referred to is there afterwards, and a second round ends what the
/// first began.
struct PackCompactionCrashTests {
  private static let count = 24

  /// A store with sealed files, closed in good order.
  private func filled() async throws -> (CrashableFileSystem, [BlobReference]) {
    let disk = try PackDisk()
    let store = try disk.open(fileByteCount: 4_096)
    var references: [BlobReference] = []
    for number in 0..<Self.count { references += try await store.append([record(number)]) }
    store.close()
    return (disk.system, references)
  }

  /// Some packs lose half of what is in them, one loses all.
  private func kept(_ references: [BlobReference]) -> [Int] {
    references.indices.filter { $0 % 2 == 0 && references[$0].pack != references[8].pack }
  }

  @Test(arguments: [CrashOutcome.kept, .dropped, .torn(seed: 1), .torn(seed: 2), .torn(seed: 3)])
  func `nothing that is referred to is lost`(outcome: CrashOutcome) async throws {
    let (base, references) = try await filled()
    let kept = kept(references)
    let live = kept.map { references[$0] }
    var step = 0
    var sizes: Set<Int> = []
    while true {
      let disk = base.reopened(.dropped)
      let store = try PackDisk(disk).open(fileByteCount: 4_096)
      disk.plan.crashAtStep = disk.steps.count + step
      _ = try? store.compact(keeping: live)
      let isComplete = !disk.hasCrashed
      store.close()

      let after = disk.reopened(outcome)
      let comment: Comment = "crash at step \(step), \(outcome)"
      let again = try PackDisk(after).open(fileByteCount: 4_096)
      for number in kept { #expect((try? again.read(references[number])) == record(number), comment) }
      #expect(try again.verify().problems == [], comment)
      _ = try again.compact(keeping: live)
      for number in kept { #expect((try? again.read(references[number])) == record(number), comment) }
      #expect(try again.verify().problems == [], comment)
      let names = try after.list("/data/blobs/packs")
      #expect(names.allSatisfy { !$0.hasSuffix(".compacted") }, comment)
      sizes.insert(
        try names.filter { $0.hasSuffix(".pack") }.reduce(0) {
          try $0 + after.readFile("/data/blobs/packs/" + $1).count
        })
      again.close()
      if isComplete { break }
      step += 1
    }
    #expect(step > 12, "the run has enough steps to mean something")
    #expect(sizes.count == 1, "a second round always ends the work: \(sizes)")
  }
}
