import Bytes
import Dictionaries

private let dictionaries = RecordDictionaryFiles.records.compactMap { try? ZstdDictionary($0, level: 3) }

/// A damaged or hostile zstd frame is refused or stays within the limit; what was compressed comes back.
@_cdecl("LLVMFuzzerTestOneInput")
public func decompress(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  let limit = 1 << 20
  if let output = try? Zstd.decompress(input, limit: limit) { precondition(output.count <= limit) }
  let back = try? Zstd.decompress(Zstd.compress(input), limit: limit)
  precondition(back == input)
  if let output = try? Zstd.decompress(input, limit: limit, dictionaries: dictionaries) {
    precondition(output.count <= limit)
  }
  for dictionary in dictionaries {
    let back = try? Zstd.decompress(
      Zstd.compress(input, with: dictionary), limit: limit, dictionaries: dictionaries)
    precondition(back == input)
  }
  return 0
}
