package import Hummingbird
import NIOCore

/// Bytes of an answer that are in memory, with the claim for them.
///
/// They are sent in chunks, the next one when the client has taken the last: a slow reader holds these bytes, but never a
/// second copy of them in the connection's buffers.
package struct HeldBytes: Sendable {
  private let pieces: [[UInt8]]
  private let claim: AnswerBudget.Claim
  package let count: Int

  package static let chunkByteCount = 64 << 10

  /// - Parameter pieces: joined, they are the bytes.
  package init(_ pieces: [[UInt8]], claim: AnswerBudget.Claim) {
    self.pieces = pieces
    self.claim = claim
    count = pieces.reduce(0) { $0 + $1.count }
    claim.resize(to: count)
  }

  /// The body of an answer with this range of the bytes. One of few bytes is a buffer and lets go of all others.
  package func body(_ range: Range<Int>) -> ResponseBody {
    if range.count <= Self.chunkByteCount {
      var buffer = ByteBuffer()
      for slice in slices(range) { buffer.writeBytes(slice) }
      return ResponseBody(byteBuffer: buffer)
    }
    return ResponseBody(contentLength: range.count) { [self] writer in
      // The slices are bytes in memory for which the claim stands, also once nothing else of it is needed.
      defer { extendLifetime(claim) }
      for slice in slices(range) {
        var rest = slice
        while !rest.isEmpty {
          try await writer.write(ByteBuffer(bytes: rest.prefix(Self.chunkByteCount)))
          rest = rest.dropFirst(Self.chunkByteCount)
        }
      }
      try await writer.finish(nil)
    }
  }

  /// The parts of the pieces that make up the range.
  private func slices(_ range: Range<Int>) -> [ArraySlice<UInt8>] {
    var start = 0
    return pieces.compactMap { piece in
      defer { start += piece.count }
      let wanted = range.clamped(to: start..<start + piece.count)
      return wanted.isEmpty ? nil : piece[wanted.lowerBound - start..<wanted.upperBound - start]
    }
  }
}
