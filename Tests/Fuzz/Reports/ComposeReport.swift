import Bytes
import MailStore
import Reports
import SMTP

/// A report of any mail, sender and recipient has bounds and no CR, LF or NUL where none may be; no input traps. The first bytes choose
/// what is reported, the next sixty what the client said, and the rest is the mail.
@_cdecl("LLVMFuzzerTestOneInput")
public func composeReport(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let choice = input.first else { return 0 }
  let said = String(decoding: input.dropFirst().prefix(60), as: UTF8.self)
  let mail = Array(input.dropFirst(61))
  let recipient = InboundRecipient(address: said, user: UserID(rawValue: 1), originalRecipient: said)
  let envelope = InboundEnvelope(
    receivedAt: Timestamp(rawValue: 1), clientAddress: said, heloName: said, protocolName: "ESMTP", reversePath: said,
    recipients: [recipient], needsUTF8: choice & 1 == 1, is8Bit: false, returnedContent: choice & 2 == 2 ? .full : nil,
    envelopeID: said)
  let report = DeliveryReport(
    item: QueueItemID(rawValue: 1), envelope: envelope, action: DeliveryReport.Action.allCases[Int(choice >> 2) % 3],
    status: EnhancedStatus(5, 0, 0), explanation: "because",
    recipients: [DeliveryReport.Recipient(address: said, originalRecipient: said)], date: Timestamp(rawValue: 1))
  let composed = ReportComposer(hostname: "mx.example.com").compose(report, of: mail)
  precondition(composed.bytes.count <= ReportComposer.maxByteCount && !composed.bytes.contains(0))
  var previous: UInt8 = 0
  for byte in composed.bytes {
    precondition((byte == 10) == (previous == 13))
    previous = byte
  }
  return 0
}
