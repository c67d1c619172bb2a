import SMTP

/// Any bytes are an answer of DNS or none; nothing traps, and what is kept is bounded.
@_cdecl("LLVMFuzzerTestOneInput")
public func readDNSMessage(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let message = DNSMessage(bytes) else { return 0 }
  precondition(bytes.count >= 12)
  precondition(message.addresses.count <= DNSMessage.maxAddresses)
  precondition((message.text?.count ?? 0) <= DNSMessage.maxTextByteCount)
  precondition(message.timeToLive ?? 0 <= UInt32(Int32.max))
  // What follows the records that were announced is not looked at.
  precondition(DNSMessage(bytes + [0]) == message)
  return 0
}
