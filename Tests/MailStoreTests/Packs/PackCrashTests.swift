import Bytes
import TestSupport
import Testing

@testable import MailStore

/// The machine stops at each step of a run that fills and seals several files. Whatever was acknowledged is there
/// afterwards, whole; what was not is there whole or not at all.
struct PackCrashTests {
  /// - Returns: what was acknowledged, by its number.
  private func run(_ disk: CrashableFileSystem) async throws -> [Int: BlobReference] {
    var acknowledged: [Int: BlobReference] = [:]
    guard let store = try? PackDisk(disk).open(fileByteCount: 4_096) else { return acknowledged }
    for number in 0..<14 {
      guard let references = try? await store.append([record(number), record(1_000 + number)]) else { break }
      acknowledged[number] = references[0]
      acknowledged[1_000 + number] = references[1]
    }
    store.close()
    return acknowledged
  }

  @Test(arguments: [CrashOutcome.kept, .dropped, .torn(seed: 1), .torn(seed: 2), .torn(seed: 3), .torn(seed: 4)])
  func `nothing acknowledged is lost`(outcome: CrashOutcome) async throws {
    var step = 0
    while true {
      let disk = CrashableFileSystem(CrashPlan(crashAtStep: step))
      let acknowledged = (try? await run(disk)) ?? [:]
      let isComplete = !disk.hasCrashed
      try await check(acknowledged, disk.reopened(outcome), "crash at step \(step), \(outcome)")
      if isComplete { break }
      step += 1
    }
    #expect(step > 30, "the run has enough steps to mean something")
  }

  private func check(
    _ acknowledged: [Int: BlobReference], _ disk: CrashableFileSystem, _ comment: Comment
  ) async throws {
    let store = try PackDisk(disk).open(fileByteCount: 4_096)
    defer { store.close() }
    for (number, reference) in acknowledged {
      #expect((try? store.read(reference)) == record(number), comment)
    }
    #expect(try store.verify().problems == [], comment)
    // Everything that is there is whole and there once, and the store goes on.
    var found: [[UInt8]] = []
    try store.forEach(.original) { _, bytes in found.append(bytes) }
    #expect(Set(found).count == found.count, comment)
    #expect(found.count <= acknowledged.count + 2, comment)
    let more = try await store.append([record(77)])[0]
    #expect(try store.read(more) == record(77), comment)
  }
}
