import Bytes
import Crypto
package import Logging
import MailFormat

/// The originals of all mails, byte for byte as they came.
///
/// A mail without large attachments is one frame. Others are a recipe and their attachments, each of which is stored
/// once however many mails hold it. Whether a split mail really comes back the same is proven before it is stored so;
/// if not, it is kept whole.
///
/// `store` may be called by any number of tasks; `read` and `attachment` block and may run on any thread at once.
package final class OriginalStore: Sendable {
  /// Attachments below this stay in their mail.
  package static let minAttachmentByteCount = 16 << 10

  private let packs: PackStore
  private let index: AttachmentIndex
  private let threads = BlockingThreads(name: "originals", threads: 2)
  /// Attachments that somebody is storing now, and who waits for them.
  private let storing = Locked<[[UInt8]: [CheckedContinuation<Void, Never>]]>([:])

  /// - Parameters:
  ///   - indexPath: of `blobs.sqlite`, made anew from the packs when it is missing or damaged; nil keeps it in memory.
  ///   - logger: hears of an index that fails. Mail is stored without it.
  package static func open(
    packs: PackStore, indexPath: String?, logger: Logger = Logger(label: "originals")
  ) -> OriginalStore {
    let report: @Sendable (String) -> Void = { logger.error("attachments", metadata: ["problem": "\($0)"]) }
    let index = AttachmentIndex(path: indexPath, report: report) { add in
      try packs.forEach(.attachment) { reference, bytes in
        try add(Array(SHA256.hash(data: bytes)), reference)
      }
    }
    return OriginalStore(packs: packs, index: index)
  }

  private init(packs: PackStore, index: AttachmentIndex) {
    self.packs = packs
    self.index = index
  }

  /// Ends the threads and closes the index; before `PackStore.close`. Blocks.
  package func close() {
    threads.close()
    index.close()
  }

  // MARK: Storing

  /// - Returns: where to read the mail again; durable.
  /// - Throws: `StoreError`: `.noSpace`, `.stopped`, `.closed`.
  package func store(_ bytes: [UInt8]) async throws -> BlobReference {
    do {
      guard bytes.count >= Self.minAttachmentByteCount, let split = try await threads.run({ Self.split(bytes) })
      else { return try await storeWhole(bytes) }
      var pieces: [Recipe.Piece] = []
      for piece in split.pieces {
        switch piece {
        case .literal(let range): pieces.append(.literal(Array(bytes[range])))
        case .attachment(let attachment):
          pieces.append(
            .attachment(
              Recipe.Attachment(
                partPath: attachment.partPath, isWhole: attachment.isWhole, encoding: attachment.encoding,
                blob: try await store(attachment: attachment.content))))
        }
      }
      let recipe = Recipe(byteCount: UInt64(bytes.count), pieces: pieces)
      return try await packs.append([recipe.record])[0]
    } catch {
      throw StoreError(error)
    }
  }

  private func storeWhole(_ bytes: [UInt8]) async throws -> BlobReference {
    try await packs.append([PackRecord(kind: .original, bytes: bytes)])[0]
  }

  /// nil when there is nothing to split off, or the pieces do not give the mail back.
  private static func split(_ bytes: [UInt8]) -> MailSplit? {
    guard let split = MailSplitter().split(bytes, minimumByteCount: minAttachmentByteCount) else { return nil }
    var position = 0
    for piece in split.pieces {
      let again: ArraySlice<UInt8>
      switch piece {
      case .literal(let range):
        guard range.lowerBound >= 0 && range.upperBound <= bytes.count else { return nil }
        again = bytes[range]
      case .attachment(let attachment):
        again = MailSplitter.encode(content: attachment.content, encoding: attachment.encoding)[...]
      }
      guard again.count <= bytes.count - position, again == bytes[position..<position + again.count] else { return nil }
      position += again.count
    }
    return position == bytes.count ? split : nil
  }

  /// Gives the blob that holds these bytes, stored now or before.
  private func store(attachment content: [UInt8]) async throws -> BlobReference {
    let sha256 = Array(SHA256.hash(data: content))
    while true {
      if let stored = try await threads.run({ [self] in findStored(content, sha256) }) { return stored }
      guard await begin(sha256) else { continue }
      defer { end(sha256) }
      // Another may have stored it between the look and the beginning.
      if let stored = try await threads.run({ [self] in findStored(content, sha256) }) { return stored }
      let reference = try await packs.append([PackRecord(kind: .attachment, bytes: content)])[0]
      try await threads.run { [self] in index.insert(sha256, reference) }
      return reference
    }
  }

  /// A blob is used again only after it was read and compared: a mail that comes in now must not depend on bytes that
  /// were damaged years ago.
  private func findStored(_ content: [UInt8], _ sha256: [UInt8]) -> BlobReference? {
    guard let reference = index.find(sha256), let record = try? packs.read(reference) else { return nil }
    return record.kind == .attachment && record.bytes == content ? reference : nil
  }

  /// - Returns: true when the caller is to store the attachment and then call `end`; false, after a wait, when another
  ///   has done so.
  private func begin(_ sha256: [UInt8]) async -> Bool {
    var isOwner = false
    await withCheckedContinuation { continuation in
      isOwner = storing.withLock { storing in
        if storing[sha256] == nil {
          storing[sha256] = []
          return true
        }
        storing[sha256]?.append(continuation)
        return false
      }
      if isOwner { continuation.resume() }
    }
    return isOwner
  }

  private func end(_ sha256: [UInt8]) {
    let waiting = storing.withLock { $0.removeValue(forKey: sha256) } ?? []
    waiting.forEach { $0.resume() }
  }

  // MARK: Reading

  /// The mail, byte for byte.
  /// - Throws: `StoreError`: `.missingBlob`, `.corrupt`.
  package func read(_ reference: BlobReference) throws -> [UInt8] {
    do {
      return try bytes(of: packs.read(reference), reference)
    } catch {
      throw StoreError(error)
    }
  }

  private func bytes(of record: PackRecord, _ reference: BlobReference) throws -> [UInt8] {
    switch record.kind {
    case .original: return record.bytes
    case .recipe: return try assemble(Recipe(record.bytes), reference)
    case .received:
      guard case .inline(let bytes) = try ReceivedRecord(record.bytes).content else { break }
      return bytes
    default: break
    }
    throw StoreError(code: .missingBlob, message: "the frame at \(reference) holds no mail")
  }

  /// How the mail begins, up to so many bytes, without reading attachments that were split off: what is before the first of them.
  /// - Throws: as `read`.
  package func beginning(_ reference: BlobReference, byteCount: Int) throws -> [UInt8] {
    do {
      let record = try packs.read(reference)
      guard record.kind == .recipe else { return Array(try bytes(of: record, reference).prefix(byteCount)) }
      var bytes: [UInt8] = []
      for piece in try Recipe(record.bytes).pieces {
        guard case .literal(let literal) = piece else { break }
        bytes += literal
      }
      return Array(bytes.prefix(byteCount))
    } catch {
      throw StoreError(error)
    }
  }

  /// An attachment's decoded bytes, without reading its mail.
  /// - Returns: nil when it was not split off: then it is in the mail that `read` gives.
  package func attachment(_ reference: BlobReference, partPath: String) throws -> [UInt8]? {
    do {
      let record = try packs.read(reference)
      guard record.kind == .recipe else { return nil }
      for case .attachment(let attachment) in try Recipe(record.bytes).pieces
      where attachment.partPath == partPath && attachment.isWhole {
        return try content(of: attachment)
      }
      return nil
    } catch {
      throw StoreError(error)
    }
  }

  /// The blobs that a mail is put together from, beside the one that it is stored as. Empty for a mail that is kept whole,
  /// and where the recipe itself cannot be read.
  package func attachmentBlobs(of reference: BlobReference) -> [BlobReference] {
    guard let record = try? packs.read(reference), record.kind == .recipe, let recipe = try? Recipe(record.bytes) else {
      return []
    }
    return recipe.pieces.compactMap { piece in
      if case .attachment(let attachment) = piece { attachment.blob } else { nil }
    }
  }

  private func assemble(_ recipe: Recipe, _ reference: BlobReference) throws -> [UInt8] {
    guard recipe.byteCount <= UInt64(packs.files.options.maxRecordByteCount) else {
      throw StoreError(code: .failed, message: "the mail at \(reference) has \(recipe.byteCount) bytes, over the limit")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(recipe.byteCount))
    for piece in recipe.pieces {
      switch piece {
      case .literal(let literal): bytes += literal
      case .attachment(let attachment):
        bytes += MailSplitter.encode(content: try content(of: attachment), encoding: attachment.encoding)
      }
    }
    guard UInt64(bytes.count) == recipe.byteCount else {
      throw packs.problem(at: reference, expected: "a mail of \(recipe.byteCount) bytes", found: "\(bytes.count)")
    }
    return bytes
  }

  private func content(of attachment: Recipe.Attachment) throws -> [UInt8] {
    let record = try packs.read(attachment.blob)
    guard record.kind == .attachment else {
      throw packs.problem(at: attachment.blob, expected: "an attachment", found: "\(record.kind)")
    }
    return record.bytes
  }
}
