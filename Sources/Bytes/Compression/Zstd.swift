private import CZstd
import Glibc

/// Zstandard frames (RFC 8878) over whole buffers. Contexts are reused per thread.
package enum Zstd {
  /// Level 1: 329 MB/s in on a small machine, within a few percent of level 3 on mail.
  package static let defaultLevel: Int32 = 1

  package static func compress(_ bytes: [UInt8], level: Int32 = defaultLevel) -> [UInt8] {
    let context = ZstdContexts.current
    let bound = ZSTD_compressBound(bytes.count)
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      unsafe bytes.withUnsafeBytes { input in
        let result = unsafe ZSTD_compressCCtx(
          context.compression, output.baseAddress, bound, input.baseAddress, input.count, level)
        precondition(ZSTD_isError(result) == 0, "zstd cannot fail into a buffer of its own bound")
        count = result
      }
    }
  }

  /// A frame that names the dictionary, at the dictionary's level.
  package static func compress(_ bytes: [UInt8], with dictionary: ZstdDictionary) -> [UInt8] {
    let context = ZstdContexts.current
    let bound = ZSTD_compressBound(bytes.count)
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      unsafe bytes.withUnsafeBytes { input in
        let result = unsafe ZSTD_compress_usingCDict(
          context.compression, output.baseAddress, bound, input.baseAddress, input.count, dictionary.compression)
        precondition(ZSTD_isError(result) == 0, "zstd cannot fail into a buffer of its own bound")
        count = result
      }
    }
  }

  /// What the frame says that it holds; `nil` where it does not say.
  package static func declaredByteCount(_ frame: [UInt8]) -> Int? {
    unsafe frame.withUnsafeBytes { input in
      Int(exactly: unsafe ZSTD_getFrameContentSize(input.baseAddress, input.count))
    }
  }

  /// What the frame names its dictionary by; 0 for a frame without one.
  package static func dictionaryID(_ frame: [UInt8]) -> UInt32 {
    unsafe frame.withUnsafeBytes { unsafe ZSTD_getDictID_fromFrame($0.baseAddress, $0.count) }
  }

  /// - Parameters:
  ///   - limit: the most bytes the frame may hold; a frame that declares more, or hides its size, is refused before any
  ///     memory is taken.
  ///   - dictionaries: those that a frame may name. One that names none is read without.
  package static func decompress(
    _ frame: ArraySlice<UInt8>, limit: Int, dictionaries: [ZstdDictionary] = []
  ) throws(DecodingError) -> [UInt8] {
    var failure: DecodingError?
    let bytes: [UInt8] = unsafe frame.withUnsafeBytes { input in
      let declared = unsafe ZSTD_getFrameContentSize(input.baseAddress, input.count)
      guard declared <= UInt64(limit) else {
        failure = DecodingError(offset: 0, message: "zstd frame without a size of at most \(limit) bytes")
        return []
      }
      let id = unsafe ZSTD_getDictID_fromFrame(input.baseAddress, input.count)
      let dictionary = dictionaries.first { $0.id == id }
      guard id == 0 || dictionary != nil else {
        failure = DecodingError(offset: 0, message: "zstd frame with the unknown dictionary \(id)")
        return []
      }
      let context = ZstdContexts.current
      return unsafe [UInt8](unsafeUninitializedCapacity: Int(declared)) { output, count in
        let result =
          if let dictionary {
            unsafe ZSTD_decompress_usingDDict(
              context.decompression, output.baseAddress, Int(declared), input.baseAddress, input.count,
              dictionary.decompression)
          } else {
            unsafe ZSTD_decompressDCtx(
              context.decompression, output.baseAddress, Int(declared), input.baseAddress, input.count)
          }
        if ZSTD_isError(result) != 0 || result != Int(declared) {
          failure = DecodingError(offset: 0, message: "damaged zstd frame")
        } else {
          count = result
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  package static func decompress(
    _ frame: [UInt8], limit: Int, dictionaries: [ZstdDictionary] = []
  ) throws(DecodingError) -> [UInt8] {
    try decompress(frame[...], limit: limit, dictionaries: dictionaries)
  }
}

/// One compression and one decompression context for each thread, freed with it: making them costs more than most
/// mails take to compress.
@safe private final class ZstdContexts {
  let compression: OpaquePointer
  let decompression: OpaquePointer

  init() {
    unsafe compression = ZSTD_createCCtx()
    unsafe decompression = ZSTD_createDCtx()
  }

  deinit {
    unsafe ZSTD_freeCCtx(compression)
    unsafe ZSTD_freeDCtx(decompression)
  }

  /// The pthread key under which each thread keeps its contexts.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let result = unsafe pthread_key_create(&key) { pointer in
      guard let pointer = unsafe pointer else { return }
      unsafe Unmanaged<ZstdContexts>.fromOpaque(pointer).release()
    }
    precondition(result == 0, "no pthread key left")
    return key
  }()

  static var current: ZstdContexts {
    if let pointer = unsafe pthread_getspecific(key) {
      return unsafe Unmanaged<ZstdContexts>.fromOpaque(pointer).takeUnretainedValue()
    }
    let fresh = ZstdContexts()
    unsafe pthread_setspecific(key, Unmanaged.passRetained(fresh).toOpaque())
    return fresh
  }
}
