import Bytes
import MailStore

/// Frames and records with checksums that fit, whatever else they say: nothing may trap, take much memory or come back
/// as something else than it was.
@_cdecl("LLVMFuzzerTestOneInput")
public func decodeFrame(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  FrameFuzzing.decodeWithFittingChecksums(input)
  return 0
}
