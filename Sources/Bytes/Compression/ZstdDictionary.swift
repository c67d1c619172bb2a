private import CZstd

/// A zstd dictionary, prepared once for compressing and once for decompressing, and shared by all threads.
@safe package final class ZstdDictionary: @unchecked Sendable {
  // Sendable because both dictionaries are only read after `init`, which libzstd allows several threads to do at once.
  /// What frames name it by, never 0: that is a frame without dictionary.
  package let id: UInt32
  let compression: OpaquePointer
  let decompression: OpaquePointer

  /// - Parameters:
  ///   - bytes: a dictionary as `zstd --train` makes it (RFC 8878 §5).
  ///   - level: of everything that is compressed with it.
  package init(_ bytes: [UInt8], level: Int32) throws(DecodingError) {
    let id = unsafe bytes.withUnsafeBytes { unsafe ZSTD_getDictID_fromDict($0.baseAddress, $0.count) }
    guard id != 0 else { throw DecodingError(offset: 0, message: "no zstd dictionary with an id") }
    // Both copy the bytes.
    let compression = unsafe bytes.withUnsafeBytes { unsafe ZSTD_createCDict($0.baseAddress, $0.count, level) }
    guard let compression = unsafe compression else {
      throw DecodingError(offset: 0, message: "damaged zstd dictionary \(id)")
    }
    let decompression = unsafe bytes.withUnsafeBytes { unsafe ZSTD_createDDict($0.baseAddress, $0.count) }
    guard let decompression = unsafe decompression else {
      unsafe ZSTD_freeCDict(compression)
      throw DecodingError(offset: 0, message: "damaged zstd dictionary \(id)")
    }
    self.id = id
    unsafe self.compression = compression
    unsafe self.decompression = decompression
  }

  deinit {
    unsafe ZSTD_freeCDict(compression)
    unsafe ZSTD_freeDDict(decompression)
  }
}
