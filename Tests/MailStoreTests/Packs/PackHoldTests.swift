import Bytes
import TestSupport
import Testing

@testable import MailStore

/// What is kept while no row names it, and what new mail may take from a pack that is being swept.
struct PackHoldTests {
  private func withStore(_ body: (PackDisk, PackStore, OriginalStore) async throws -> Void) async throws {
    let disk = try PackDisk()
    let packs = try disk.open(fileByteCount: 64 << 10)
    let originals = OriginalStore.open(packs: packs, indexPath: nil)
    defer {
      originals.close()
      packs.close()
    }
    try await body(disk, packs, originals)
  }

  /// Fills files until all that was stored before is sealed.
  private func seal(_ packs: PackStore) async throws {
    for number in 500..<530 { _ = try await packs.append([record(number, byteCount: 4_000)]) }
    while packs.files.numbers(in: .blobLog).count > 1 { await Task.yield() }
  }

  private func compact(_ packs: PackStore, _ originals: OriginalStore, keeping references: [BlobReference] = []) throws
  {
    let sweep = try packs.beginSweep()
    defer { sweep.end() }
    try finish(sweep, packs, originals, keeping: references)
  }

  private func finish(
    _ sweep: PackSweep, _ packs: PackStore, _ originals: OriginalStore, keeping references: [BlobReference] = []
  ) throws {
    var list = FrameList()
    for reference in references + sweep.heldReferences() {
      list.append(reference)
      for blob in try originals.readAttachmentBlobs(of: reference) { list.append(blob) }
    }
    let live = FrameSet(list)
    for use in try sweep.uses(live: live, sealedBefore: Timestamp(rawValue: .max)) {
      _ = try sweep.compact(use.number, live: live)
    }
  }

  @Test func `a mail that was stored and not committed stays until its hold ends`() async throws {
    try await withStore { _, packs, originals in
      let bytes = mail("held", attachments: [noise(1, 20_000)])
      let hold = originals.hold()
      let reference = try await originals.store(bytes, holding: hold)
      try await seal(packs)
      try compact(packs, originals)
      #expect(try originals.read(reference) == bytes)
      hold.release()
      try compact(packs, originals)
      #expect(throws: StoreError.self) { try originals.read(reference) }
    }
  }

  @Test func `a hold that nobody has any more ends by itself`() async throws {
    try await withStore { _, packs, originals in
      do { packs.hold().keep(BlobReference(pack: 1, offset: 1_024, byteCount: 24)) }
      #expect(packs.heldReferences.references.isEmpty && packs.heldReferences.floor == .max)
      let (one, other) = (packs.hold(), packs.hold())
      let reference = BlobReference(pack: 1, offset: 1_024, byteCount: 24)
      one.keep(reference)
      other.keep(reference)
      one.release()
      #expect(packs.heldReferences.references == [reference])
      other.release()
      other.release()
      #expect(packs.heldReferences.references.isEmpty)
    }
  }

  @Test func `what was held at any time since the sweep began is kept, also when it was released`() async throws {
    try await withStore { _, packs, originals in
      let bytes = Array("Subject: moved\r\n\r\n".utf8) + noise(9, 3_000)
      let first = originals.hold()
      let reference = try await originals.store(bytes, holding: first)
      try await seal(packs)
      let sweep = try packs.beginSweep()
      first.release()
      // Committed, finished and moved on while the holders were asked.
      try finish(sweep, packs, originals)
      sweep.end()
      #expect(try originals.read(reference) == bytes)

      let second = try packs.beginSweep()
      let late = originals.hold()
      late.keep(reference)
      late.release()
      try finish(second, packs, originals)
      second.end()
      #expect(try originals.read(reference) == bytes)
      try compact(packs, originals)
      #expect(throws: StoreError.self) { try originals.read(reference) }
    }
  }

  @Test func `files into which somebody may just be writing are not closed`() async throws {
    try await withStore { _, packs, originals in
      let hold = originals.hold()
      hold.beginStoring(from: packs.lowestOpenNumber)
      let reference = try await packs.append([record(7)])[0]
      try await seal(packs)
      #expect(packs.files.place(of: reference.pack) == .sealed)
      // Nobody has said yet that it is needed.
      try compact(packs, originals)
      #expect(try packs.read(reference) == record(7))
      hold.endStoring()
      try compact(packs, originals)
      #expect(throws: StoreError.self) { try packs.read(reference) }
    }
  }

  @Test func `a mail whose attachment lies in a closed pack stores a copy, which later mail finds`() async throws {
    try await withStore { _, packs, originals in
      let shared = noise(1, 20_000)
      let old = try await originals.store(mail("old", attachments: [shared]))
      try await seal(packs)
      let sweep = try packs.beginSweep()
      // The sweep has looked, and nothing refers to the old mail.
      let bytes = mail("new", attachments: [shared])
      let new = try await originals.store(bytes)
      let blob = try #require(originals.attachmentBlobs(of: new).first)
      #expect(blob != originals.attachmentBlobs(of: old).first)
      let empty = FrameSet(FrameList())
      for use in try sweep.uses(live: empty, sealedBefore: Timestamp(rawValue: .max)) {
        _ = try sweep.compact(use.number, live: empty)
      }
      sweep.end()
      #expect(try originals.read(new) == bytes)
      #expect(throws: StoreError.self) { try originals.read(old) }
      let again = try await originals.store(mail("again", attachments: [shared]))
      #expect(originals.attachmentBlobs(of: again) == [blob])
    }
  }

  @Test func `an attachment that was swept is stored anew when it comes again, index or not`() async throws {
    for forgets in [false, true] {
      try await withStore { _, packs, originals in
        let shared = noise(1, 20_000)
        _ = try await originals.store(mail("old", attachments: [shared]))
        try await seal(packs)
        try compact(packs, originals)
        if forgets { originals.forgetAttachments(without: FrameSet(FrameList()), in: Set(packs.files.numbers)) }
        let bytes = mail("new", attachments: [shared])
        let new = try await originals.store(bytes)
        #expect(try originals.read(new) == bytes)
      }
    }
  }

  @Test func `a recipe that cannot be read is no mail without attachments`() async throws {
    try await withStore { disk, _, originals in
      let reference = try await originals.store(mail("split", attachments: [noise(1, 20_000)]))
      try disk.damage(reference, at: 40)
      #expect(originals.attachmentBlobs(of: reference).isEmpty)
      #expect { try originals.readAttachmentBlobs(of: reference) } throws: { ($0 as? StoreError)?.code == .corrupt }
    }
  }
}
