private import CZstd

/// Decompresses a stream of zstd frames (RFC 8878) chunk by chunk in bounded memory, for files of any size.
///
///     var used = 0
///     while let piece = try stream.next(of: chunk, from: &used) { … }     // then the next chunk
@safe package final class ZstdStream {
  private let stream: OpaquePointer
  private var isBetweenFrames = true
  private static let pieceByteCount = 1 << 17

  /// - Parameter windowLog: the largest window accepted, as a power of two: 27 is what `zstd --long` makes, and what
  ///   bounds the memory one stream can ask for (128 MiB).
  package init(windowLog: Int32 = 27) {
    unsafe stream = ZSTD_createDStream()
    unsafe ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, windowLog)
  }

  deinit { unsafe _ = ZSTD_freeDStream(stream) }

  /// True when the input so far ended with a whole frame.
  package var isComplete: Bool { isBetweenFrames }

  /// Decompresses the next piece, of at most 128 KiB: a few bytes of input may stand for gigabytes.
  ///
  /// - Parameter offset: where in `input` to go on; moved past what was used.
  /// - Returns: `nil` when all of `input` is used and nothing more comes of it.
  package func next(of input: [UInt8], from offset: inout Int) throws(DecodingError) -> [UInt8]? {
    // What is held back for want of room comes with further input: at the end of a frame zstd keeps its last byte unread
    // until all is out.
    while offset < input.count {
      let start = offset
      var used = 0
      var result = 0
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceByteCount) { output, count in
        unsafe input.withUnsafeBytes { buffer in
          var from = unsafe ZSTD_inBuffer(src: buffer.baseAddress, size: buffer.count, pos: start)
          var to = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: Self.pieceByteCount, pos: 0)
          result = unsafe ZSTD_decompressStream(stream, &to, &from)
          used = unsafe from.pos - start
          count = unsafe to.pos
        }
      }
      if ZSTD_isError(result) != 0 { throw DecodingError(offset: start, message: "damaged zstd stream") }
      offset += used
      isBetweenFrames = result == 0
      if !piece.isEmpty { return piece }
    }
    return nil
  }
}
