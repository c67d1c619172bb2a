import Glibc

extension ArraySlice<UInt8> {
  /// Whether every byte is zero, at the speed of `memcmp`: what tells space that was reserved from space that was written.
  package var isAllZero: Bool {
    unsafe withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, bytes.count > 0 else { return true }
      // The first is zero, and each equals the one before it.
      return unsafe bytes[0] == 0 && memcmp(start, start + 1, bytes.count - 1) == 0
    }
  }
}
