/// How far bytes are UTF-8 (RFC 3629).
struct UTF8Check {
  /// Well-formed sequences of two and more bytes.
  private(set) var sequenceCount = 0
  /// Bytes that are part of no well-formed sequence.
  private(set) var errorCount = 0
  private(set) var hasHighBytes = false

  var isValid: Bool { errorCount == 0 }

  init(_ bytes: ArraySlice<UInt8>) {
    var index = bytes.startIndex
    let end = bytes.endIndex
    while index < end {
      let lead = bytes[index]
      guard lead >= 0x80 else {
        index += 1
        continue
      }
      hasHighBytes = true
      let length = Self.length(lead, next: index + 1 < end ? bytes[index + 1] : 0)
      var next = index + 1
      while next < end, next < index + length, bytes[next] & 0xC0 == 0x80 { next += 1 }
      if length > 1 && next == index + length {
        sequenceCount += 1
      } else {
        errorCount += 1
      }
      index = next
    }
  }

  /// The bytes that this lead byte asks for; 0 when no sequence starts like this (overlong, surrogate, over U+10FFFF).
  private static func length(_ lead: UInt8, next: UInt8) -> Int {
    switch lead {
    case 0xC2...0xDF: 2
    case 0xE0: next >= 0xA0 ? 3 : 0
    case 0xED: next < 0xA0 ? 3 : 0
    case 0xE1...0xEF: 3
    case 0xF0: next >= 0x90 ? 4 : 0
    case 0xF1...0xF3: 4
    case 0xF4: next < 0x90 ? 4 : 0
    default: 0
    }
  }
}
