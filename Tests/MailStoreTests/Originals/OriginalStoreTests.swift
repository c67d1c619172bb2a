import Bytes
import Foundation
import GRDB
import MailFormat
import TestSupport
import Testing

@testable import MailStore

/// A mail with the given attachments in base64, as most programs write it.
func mail(_ subject: String, attachments: [[UInt8]], lineEnd: String = "\r\n") -> [UInt8] {
  let options: Data.Base64EncodingOptions =
    lineEnd == "\n" ? [.lineLength76Characters, .endLineWithLineFeed] : [.lineLength76Characters]
  var lines = [
    "From: a@example.org", "To: b@example.com", "Subject: \(subject)", "MIME-Version: 1.0",
    "Content-Type: multipart/mixed; boundary=\"cut\"", "", "--cut", "Content-Type: text/plain", "", "See attached.",
  ]
  for (index, bytes) in attachments.enumerated() {
    lines += [
      "--cut", "Content-Type: application/octet-stream",
      "Content-Disposition: attachment; filename=\"file\(index).bin\"", "Content-Transfer-Encoding: base64", "",
      Data(bytes).base64EncodedString(options: options),
    ]
  }
  lines += ["--cut--", ""]
  return Array(lines.joined(separator: lineEnd).utf8)
}

func noise(_ seed: UInt64, _ byteCount: Int) -> [UInt8] {
  var random = SeededGenerator(seed: seed)
  return (0..<byteCount).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
}

struct OriginalStoreTests {
  /// A store in memory, with 1 MiB files unless the test wants many.
  private func withStore(
    _ disk: PackDisk? = nil, indexPath: String? = nil, fileByteCount: UInt64 = 1 << 20,
    _ body: (PackDisk, PackStore, OriginalStore) async throws -> Void
  ) async throws {
    let disk = try disk ?? PackDisk()
    let packs = try disk.open(fileByteCount: fileByteCount)
    let originals = OriginalStore.open(packs: packs, indexPath: indexPath)
    defer {
      originals.close()
      packs.close()
    }
    try await body(disk, packs, originals)
  }

  private func storeAndRead(_ bytes: [UInt8], _ originals: OriginalStore) async throws {
    let reference = try await originals.store(bytes)
    #expect(try originals.read(reference) == bytes)
  }

  private func count(_ kind: PackRecord.Kind, _ packs: PackStore) throws -> Int {
    var count = 0
    try packs.forEach(kind) { _, _ in count += 1 }
    return count
  }

  @Test func `a mail that was split names the blobs that it needs, one that is whole names none`() async throws {
    try await withStore { _, packs, originals in
      let split = try await originals.store(mail("split", attachments: [noise(2, 20_000), noise(3, 40_000)]))
      let blobs = originals.attachmentBlobs(of: split)
      #expect(try blobs.map { try packs.read($0).bytes } == [noise(2, 20_000), noise(3, 40_000)])
      #expect(packs.missing(of: blobs).isEmpty)
      let whole = try await originals.store(mail("whole", attachments: [noise(4, 10)]))
      #expect(originals.attachmentBlobs(of: whole).isEmpty)
    }
  }

  @Test(arguments: [
    Array("Subject: small\r\n\r\nhello\r\n".utf8), [], noise(1, 100_000),
    Array("Subject: text\r\n\r\n".utf8) + [UInt8](repeating: 65, count: 100_000),
    mail("base64", attachments: [noise(2, 20_000), noise(3, 40_000)]),
    mail("LF", attachments: [noise(2, 20_000)], lineEnd: "\n"),
    mail("small ones", attachments: [noise(4, 100), noise(5, 10_000)]),
    Array(mail("cut off", attachments: [noise(2, 20_000)]).dropLast(500)),
  ])
  func `a mail comes back byte for byte`(bytes: [UInt8]) async throws {
    try await withStore { _, _, originals in
      let reference = try await originals.store(bytes)
      #expect(try originals.read(reference) == bytes)
    }
  }

  @Test func `a mail's beginning is read without the attachments that were split off`() async throws {
    try await withStore { _, _, originals in
      let split = mail("split", attachments: [noise(2, 20_000)])
      let whole = mail("whole", attachments: [noise(2, 10)])
      let (splitReference, wholeReference) = (try await originals.store(split), try await originals.store(whole))
      let beginning = try originals.beginning(splitReference, byteCount: 1 << 20)
      #expect(split.starts(with: beginning) && beginning.count > 200 && beginning.count < 1_000)
      #expect(try originals.beginning(splitReference, byteCount: 20) == Array(split.prefix(20)))
      #expect(try originals.beginning(wholeReference, byteCount: 1 << 20) == whole)
      #expect(try originals.beginning(wholeReference, byteCount: 20) == Array(whole.prefix(20)))
      #expect(throws: StoreError.self) {
        try originals.beginning(BlobReference(pack: 99, offset: 0, byteCount: 1), byteCount: 1)
      }
    }
  }

  @Test func `an attachment is stored once, however many mails hold it`() async throws {
    try await withStore { _, packs, originals in
      let shared = noise(1, 50_000)
      var stored: [(bytes: [UInt8], reference: BlobReference)] = []
      for number in 0..<5 {
        let bytes = mail("mail \(number)", attachments: [shared, noise(UInt64(100 + number), 20_000)])
        stored.append((bytes, try await originals.store(bytes)))
      }
      for (bytes, reference) in stored { #expect(try originals.read(reference) == bytes) }
      #expect(try count(.attachment, packs) == 6)
      #expect(try count(.recipe, packs) == 5)
      #expect(try count(.original, packs) == 0)
    }
  }

  @Test func `an attachment is read without its mail`() async throws {
    try await withStore { _, _, originals in
      let contents = [noise(1, 20_000), noise(2, 100), noise(3, 30_000)]
      let reference = try await originals.store(mail("three", attachments: contents))
      #expect(try originals.attachment(reference, partPath: "2") == contents[0])
      #expect(try originals.attachment(reference, partPath: "3") == nil, "small ones stay in the mail")
      #expect(try originals.attachment(reference, partPath: "4") == contents[2])
      #expect(try originals.attachment(reference, partPath: "9") == nil)
      let whole = try await originals.store(Array("Subject: a\r\n\r\nb".utf8))
      #expect(try originals.attachment(whole, partPath: "1") == nil)
    }
  }

  @Test func `mails at once with the same attachment store one copy`() async throws {
    try await withStore { _, packs, originals in
      // So many that the first of one attachment is done just when the next one begins to look for it.
      let attachments = (1...40).map { noise(UInt64($0), 17_000) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (number, shared) in attachments.enumerated() {
          for copy in 0..<8 {
            group.addTask {
              let bytes = mail("mail \(number), \(copy)", attachments: [shared])
              let reference = try await originals.store(bytes)
              #expect(try originals.read(reference) == bytes)
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try count(.attachment, packs) == attachments.count)
    }
  }

  @Test func `without its index file, or with a ruined one, the store knows its attachments again`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/blobs.sqlite"
      let disk = try PackDisk()
      let shared = noise(1, 30_000)
      try await withStore(disk, indexPath: path) { _, _, originals in
        _ = try await originals.store(mail("first", attachments: [shared]))
      }
      let ruins: [() throws -> Void] = [
        {},
        {
          for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            try FileManager.default.removeItem(atPath: directory + "/" + name)
          }
        },
        { try Data("this is no database, but it is long enough to be asked".utf8).write(to: URL(filePath: path)) },
      ]
      for (number, ruin) in ruins.enumerated() {
        try ruin()
        try await withStore(disk, indexPath: path) { _, packs, originals in
          let bytes = mail("again \(number)", attachments: [shared])
          let reference = try await originals.store(bytes)
          #expect(try originals.read(reference) == bytes)
          #expect(try count(.attachment, packs) == 1, "ruin \(number)")
        }
      }
    }
  }

  @Test(arguments: ["PRAGMA user_version = 1; DROP TABLE attachment", "UPDATE attachment SET pack = 'x'"])
  func `an index that fails while mail comes in costs a copy, until the next start`(damage: String) async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/blobs.sqlite"
      let disk = try PackDisk()
      let bytes = mail("again", attachments: [noise(1, 30_000)])
      try await withStore(disk, indexPath: path) { _, packs, originals in
        _ = try await originals.store(bytes)
        try await DatabaseQueue(path: path).write { try $0.execute(sql: damage) }
        for _ in 0..<3 { try await storeAndRead(bytes, originals) }
        #expect(try count(.attachment, packs) <= 3)
      }
      try await withStore(disk, indexPath: path) { _, packs, originals in
        let before = try count(.attachment, packs)
        try await storeAndRead(bytes, originals)
        #expect(try count(.attachment, packs) == before)
      }
    }
  }

  @Test func `an index with ruined pages does not stop the mail that comes in`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/blobs.sqlite"
      let disk = try PackDisk()
      let mails = (UInt64(0)..<40).map { mail("m", attachments: [noise($0, 17_000)]) }
      try await withStore(disk, indexPath: path) { _, _, originals in
        for bytes in mails { _ = try await originals.store(bytes) }
      }
      let file = try PosixFileSystem().open(path, .readWrite)
      try file.write([UInt8](repeating: 0xFF, count: Int(file.byteCount()) - 4_096), at: 4_096)
      for copies in [2, 0] {
        try await withStore(disk, indexPath: path) { _, packs, originals in
          let before = try count(.attachment, packs)
          for bytes in mails { try await storeAndRead(bytes, originals) }
          #expect(try count(.attachment, packs) - before <= 20 * copies)
        }
      }
    }
  }

  @Test func `without a place for its index mail is stored all the same`() async throws {
    try await withTemporaryDirectory { directory in
      let bytes = mail("kept", attachments: [noise(1, 30_000)])
      try await withStore(indexPath: directory + "/none/blobs.sqlite") { _, _, originals in
        try await storeAndRead(bytes, originals)
      }
    }
  }

  @Test func `a damaged attachment is named, and a new mail does not depend on it`() async throws {
    let disk = try PackDisk()
    try await withStore(disk) { disk, packs, originals in
      let shared = noise(1, 30_000)
      let bytes = mail("first", attachments: [shared])
      let first = try await originals.store(bytes)
      var blob: BlobReference?
      try packs.forEach(.attachment) { reference, _ in blob = reference }
      let damaged = try #require(blob)
      try disk.damage(damaged, at: 1_000)
      #expect { try originals.read(first) } throws: { ($0 as? StoreError)?.problem?.offset == damaged.offset }
      #expect { try originals.attachment(first, partPath: "2") } throws: { ($0 as? StoreError)?.code == .corrupt }
      let second = try await originals.store(bytes)
      #expect(try originals.read(second) == bytes)
    }
  }

  @Test func `a missing pack file is a missing blob`() async throws {
    let disk = try PackDisk()
    var references: [BlobReference] = []
    try await withStore(disk, fileByteCount: 32 << 10) { _, _, originals in
      for number in 0..<4 {
        references.append(try await originals.store(mail("m", attachments: [noise(UInt64(number), 25_000)])))
      }
    }
    for name in try disk.system.list("/data/blobs/packs").prefix(1) {
      try disk.system.remove("/data/blobs/packs/" + name)
    }
    try await withStore(disk, fileByteCount: 32 << 10) { _, packs, originals in
      #expect { try originals.read(references[0]) } throws: { ($0 as? StoreError)?.code == .missingBlob }
      #expect(try originals.read(references[3]) == mail("m", attachments: [noise(3, 25_000)]))
      let again = try await originals.store(mail("m", attachments: [noise(0, 25_000)]))
      #expect(try originals.read(again) == mail("m", attachments: [noise(0, 25_000)]))
    }
  }

  @Test func `a frame that is no mail is not read as one`() async throws {
    try await withStore { _, packs, originals in
      let reference = try await packs.append([PackRecord(kind: .attachment, bytes: [1, 2])])[0]
      #expect { try originals.read(reference) } throws: { ($0 as? StoreError)?.code == .missingBlob }
    }
  }

  @Test func `a recipe that is damaged behind its checksum is refused`() async throws {
    try await withStore { _, packs, originals in
      let blob = try await packs.append([PackRecord(kind: .attachment, bytes: [1, 2, 3])])[0]
      let good = Recipe(
        byteCount: 5,
        pieces: [
          .literal([9, 9]),
          .attachment(Recipe.Attachment(partPath: "2", isWhole: true, encoding: .identity, blob: blob)),
        ]
      ).record.bytes
      let reference = try await packs.append([PackRecord(kind: .recipe, bytes: good)])[0]
      #expect(try originals.read(reference) == [9, 9, 1, 2, 3])
      for count in 0..<good.count {
        let cut = try await packs.append([PackRecord(kind: .recipe, bytes: Array(good[..<count]))])[0]
        #expect(throws: StoreError.self) { try originals.read(cut) }
      }
      for byteCount in [UInt64(4), 6, .max] {
        let wrong = Recipe(byteCount: byteCount, pieces: try Recipe(good).pieces)
        let reference = try await packs.append([wrong.record])[0]
        #expect(throws: StoreError.self) { try originals.read(reference) }
      }
    }
  }

  @Test(arguments: [CrashOutcome.dropped, .torn(seed: 5)])
  func `a crash at any step of storing loses no acknowledged mail`(crash: CrashOutcome) async throws {
    var step = 0
    while true {
      let system = CrashableFileSystem(CrashPlan(crashAtStep: step))
      var stored: [([UInt8], BlobReference)] = []
      if let disk = try? PackDisk(system) {
        try? await withStore(disk, fileByteCount: 32 << 10) { _, _, originals in
          for number in 0..<4 {
            let bytes = mail("mail \(number)", attachments: [noise(UInt64(number / 2), 17_000)])
            stored.append((bytes, try await originals.store(bytes)))
          }
        }
      }
      let isComplete = !system.hasCrashed
      try await withStore(PackDisk(system.reopened(crash)), fileByteCount: 32 << 10) { _, packs, originals in
        let problems = try packs.verify().problems
        #expect(problems == [])
        for (bytes, reference) in stored { #expect(try originals.read(reference) == bytes, "step \(step)") }
      }
      if isComplete { break }
      step += 1
    }
    #expect(step > 15)
  }
}
