import Bytes

@testable import Index

/// Feeds the decoders of the index with bytes whose checksums are right: nothing may trap, and what is decoded must be
/// encoded to the same meaning.
@_cdecl("LLVMFuzzerTestOneInput")
public func decodeRun(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let selector = input.first else { return 0 }
  let body = Array(input.dropFirst())
  switch selector % 5 {
  case 0: decodeHead(body)
  case 1: _ = try? RunFences(decoding: sealed(body), blocksFrom: 28, to: 100_000)
  case 2: if let manifest = try? Manifest.decode(sealed(Manifest.magic + body)) { checkManifest(manifest) }
  case 3: _ = try? ShadowState.decode(sealed(ShadowState.magic + body))
  default:
    if let record = try? ExtractedTextRecord.decode(body) {
      precondition((try? ExtractedTextRecord.decode(record.encode())) == record)
    }
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
  for hash in head.filter.hashes {
    precondition(head.filter.documents(for: hash << UInt32(32 - head.filter.bits)) != 0)
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
