import Analysis
import Bytes

@testable import Index

/// Feeds the decoders of the index with bytes whose checksums are right: nothing may trap, and what is decoded must be
/// encoded to the same meaning.
@_cdecl("LLVMFuzzerTestOneInput")
public func decodeFiles(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let selector = input.first else { return 0 }
  let body = Array(input.dropFirst())
  switch selector % 14 {
  case 0: decodeHead(body)
  case 1: _ = try? RunFences(decoding: sealed(body), blocksFrom: 28, to: 100_000)
  case 2: if let manifest = try? Manifest.decode(sealed(Manifest.magic + body)) { checkManifest(manifest) }
  case 3: _ = try? ShadowState.decode(sealed(ShadowState.magic + body))
  case 4: _ = try? SegmentFences(decoding: sealed(body), streamByteCount: 100_000)
  case 5: decodePartHead(body)
  case 6: decodePostings(body)
  case 7: decodeDictionary(body)
  case 8: decodePositions(body)
  case 9: decodeAttributes(body)
  case 10: decodeAttributeFences(body)
  case 11: decodeColumns(body)
  case 13: decodeList(body)
  default:
    if let record = try? ExtractedTextRecord.decode(body) {
      precondition((try? ExtractedTextRecord.decode(record.encode())) == record)
      precondition((try? RecordHead(body))?.subject == record.subject)
    }
    _ = try? RecordHead(body)
    _ = try? EncodedRecord.open(body)
  }
  return 0
}

/// The byte count in the head and its checksum are made right first.
private func decodeHead(_ body: [UInt8]) {
  guard body.count >= 13 else { return }
  var writer = ByteWriter()
  writer.write(body)
  writer.overwrite(at: 9, with: UInt32(body.count + 4))
  guard let head = try? RunBlockHead(decoding: sealed(writer.bytes)) else { return }
  precondition((try? RunBlockHead(decoding: head.encode())) == head)
  guard let filter = head.filter else { return }
  for hash in filter.hashes { precondition(filter.documents(for: hash << UInt32(32 - filter.bits)) != 0) }
}

private func decodePartHead(_ body: [UInt8]) {
  guard body.count > 2 else { return }
  let part = SegmentFences.Part(
    user: 1, offset: 0, listsByteCount: 0, dictionaryByteCount: UInt64(body[0]),
    columnsByteCount: 0, headByteCount: 0, firstDocID: 1, lastDocID: UInt32(body[1]), documentCount: UInt32(body[1]))
  _ = try? SegmentPartHead(decoding: sealed([1, 0, 0, 0] + Array(body.dropFirst(2))), part)
}

/// What is decoded is encoded to bytes that decode to the same.
private func decodePostings(_ body: [UInt8]) {
  guard let first = body.first else { return }
  let count = Int(first) % PostingBlock.limit + 1
  var postings = PostingBlock.Postings()
  var reader = ByteReader(body.dropFirst())
  do {
    try PostingBlock.decode(from: &reader, count: count, after: -1, limit: 1 << 31, into: &postings)
  } catch { return }
  var writer = ByteWriter()
  PostingBlock.encode(
    postings.ordinals.span.extracting(first: count), postings.masks.span.extracting(first: count), after: -1,
    into: &writer)
  var again = PostingBlock.Postings()
  var rereader = ByteReader(writer.bytes)
  do {
    try PostingBlock.decode(from: &rereader, count: count, after: -1, limit: 1 << 31, into: &again)
  } catch { preconditionFailure("\(error)") }
  precondition(again.ordinals[..<count] == postings.ordinals[..<count])
  precondition(again.masks[..<count] == postings.masks[..<count] && rereader.isAtEnd)
}

/// A whole posting list; the first two bytes say of how many documents.
private func decodeList(_ body: [UInt8]) {
  guard body.count > 2 else { return }
  let count = Int(UInt16(body[0]) << 8 | UInt16(body[1])) % 600 + 2
  var decoder = PostingListDecoder()
  var postings = TermPostings()
  do {
    try decoder.decode(body.dropFirst(2), count: count, limit: 1 << 31, into: &postings)
  } catch { return }
  precondition(postings.count == count && postings.isAscending)
  guard postings.isInRange else { return }
  var encoder = PostingListEncoder()
  encoder.encode(postings)
  var again = TermPostings()
  do {
    try decoder.decode(encoder.bytes[...], count: count, limit: 1 << 31, into: &again)
  } catch { preconditionFailure("\(error)") }
  precondition(again == postings)
}

/// The first byte says of how many documents. What is decoded can be asked for all of them.
private func decodeColumns(_ body: [UInt8]) {
  guard let first = body.first else { return }
  let count = Int(first)
  for column in PartColumn.allCases {
    var reader = ByteReader(body.dropFirst())
    switch try? DecodedColumn(column, from: &reader, documentCount: count) {
    case .senders(let column):
      for ordinal in 0..<count {
        let sender = column.columnSender(column.sender(at: ordinal))
        precondition(column.number(of: sender.address) != nil && column.number(of: sender.key) != nil)
      }
    case .subjects(let column): for ordinal in 0..<count { _ = column.prefix(at: ordinal) }
    case .kinds(let column): for ordinal in 0..<count { _ = column.masks[column.number(at: ordinal)] }
    case .lengths(let column): for ordinal in 0..<count { _ = column.wordCount(at: ordinal) }
    case nil: break
    }
  }
}

/// The first byte says of how many postings, the next two are the mask of all.
private func decodePositions(_ body: [UInt8]) {
  guard body.count > 3 else { return }
  let count = Int(body[0]) % PostingBlock.limit + 1
  let mask = max(1, UInt16(body[1]) << 8 | UInt16(body[2]))
  let masks = [UInt16](repeating: mask, count: count)
  guard var positions = PostingPositions(body.dropFirst(3), masks) else { return }
  var postings = TermPostings()
  for index in 0..<count {
    guard let (counts, places) = try? positions.occurrences(of: index, masks: masks) else { return }
    postings.append(UInt32(index), mask: mask, counts: counts, positions: places)
  }
  var writer = ByteWriter()
  PostingPositions.encode(postings, 0..<count, into: &writer)
  guard var again = PostingPositions(writer.bytes[...], masks) else { preconditionFailure("not read again") }
  for index in 0..<count {
    guard let first = try? positions.occurrences(of: index, masks: masks),
      let second = try? again.occurrences(of: index, masks: masks)
    else {
      preconditionFailure("not read again")
    }
    precondition(first.counts.elementsEqual(second.counts) && first.positions.elementsEqual(second.positions))
    var places = PositionList()
    do {
      try positions.append(positionsOf: index, masks: masks, field: mask & (~mask + 1), to: &places)
    } catch { preconditionFailure("\(error)") }
    precondition(first.positions.starts(with: places.positions))
  }
}

extension TermPostings {
  /// Adds a document with all its occurrences: for each field of the mask how many there are, and all their positions.
  fileprivate mutating func append(
    _ ordinal: UInt32, mask: UInt16, counts: [UInt32], positions: [UInt32]
  ) {
    var place = positions.startIndex
    for (field, count) in zip((0..<UInt8(16)).filter { mask & 1 << UInt16($0) != 0 }, counts) {
      for position in positions[place..<place + Int(count)] { append(ordinal, field: field, position: position) }
      place += Int(count)
    }
  }
}

extension PostingPositions {
  fileprivate init?(_ bytes: ArraySlice<UInt8>, _ masks: [UInt16]) {
    self.init()
    var reader = ByteReader(bytes)
    guard (try? decode(from: &reader, masks: masks[...])) != nil else { return nil }
  }
}

/// What is decoded is encoded to bytes that decode to the same.
private func decodeAttributes(_ body: [UInt8]) {
  guard let block = try? AttributeBlock(decoding: body[...], after: body.first.map { UInt32($0) % 3 }) else { return }
  var writer = ByteWriter()
  block.encode(into: &writer)
  guard let again = try? AttributeBlock(decoding: writer.bytes[...], after: nil) else {
    preconditionFailure("not read again")
  }
  precondition(again.docIDs == block.docIDs && again.states == block.states)
  for row in 0..<block.count { precondition(again.attributes(row) == block.attributes(row)) }
  var builder = UserAttributesBuilder()
  // A column is as long as the greatest docID.
  if let last = block.docIDs.last, last < 1 << 20 { builder.append(0..<block.count, of: block) }
  let attributes = builder.finish()
  precondition(attributes.count == attributes.live.count)
}

private func decodeAttributeFences(_ body: [UInt8]) {
  guard let fences = try? AttributeFences(decoding: sealed(body), streamByteCount: 1_000) else { return }
  precondition((try? AttributeFences(decoding: fences.encode(), streamByteCount: 1_000)) == fences)
  for index in 0..<fences.count { precondition(fences.part(of: fences[index].user) == fences[index]) }
}

private func decodeDictionary(_ body: [UInt8]) {
  for term in [[], [97], Array(body.prefix(3))] {
    _ = try? TermDictionary.find(term, in: body[...], documentLimit: 1_000)
  }
  var signatures = BlockSignatures(blockCount: 1)
  var buffer = TermBuffer()
  try? buffer.forEachTerm(
    of: body[...], documentLimit: 1_000,
    where: { term, shared in
      signatures.insert(term, from: shared, block: 0)
      return false
    }, { _ in })
  for part in [[97], [97, 98, 99], Array(body.suffix(4))] {
    var parts = PartWalk(PartMatcher(part))
    // What holds a part is in a block that may.
    let mayHold = parts.signature.map { signatures.mayHold($0, block: 0) } ?? true
    try? parts.scan(body[...], documentLimit: 1_000) { _ in precondition(mayHold) }
  }
  var near = DictionaryWalk(NearAutomaton(to: [97, 98], limit: 1))
  try? near.scan(body[...], documentLimit: 1_000) { _, _ in }
  _ = near.next
  guard var block = try? TermDictionary.BlockReader(body[...], documentLimit: 1_000) else { return }
  var terms: [([UInt8], TermEntry)] = []
  while let entry = try? block.next() {
    precondition((1...1_000).contains(entry.documentCount))
    terms.append((block.term, entry))
  }
  let isAscending = zip(terms, terms.dropFirst()).allSatisfy { $0.0.precedes($1.0) }
  for (term, entry) in terms {
    // What a look-up finds without putting terms together is what is there.
    let found = try? TermDictionary.find(term, in: body[...], documentLimit: 1_000)
    if isAscending { precondition(found == entry) }
  }
}

private func checkManifest(_ manifest: Manifest) {
  precondition((try? Manifest.decode(manifest.encode())) == manifest)
}

private func sealed(_ bytes: [UInt8]) -> [UInt8] {
  var writer = ByteWriter()
  writer.write(bytes)
  writer.write(CRC32C.checksum(bytes))
  return writer.bytes
}
