import CGMime
import Foundation
import TestSupport
import Testing

@testable import MailFormat

/// The scanner against GMime's own parser, on mails that are small enough for the latter.
@Suite(.serialized, .enabled(if: MailCorpus.isPresent("lists"), "no corpora directory"))
struct GMimeComparisonTests {
  @Test func `the scanner finds the leaves that GMime finds`() throws {
    var agreement = Agreement()
    let mboxes = try MailCorpus.files("lists").filter {
      $0.path.hasSuffix(".mbox") && ($0.path.contains("multilingual/") || $0.path.contains("attachments/"))
    }
    for mbox in mboxes {
      for (number, mail) in MailCorpus.mails(inMbox: mbox.bytes).enumerated() {
        let tree = MIMEScanner.scan(mail, limits: .default)
        let ours = tree.parts.filter { $0.kind == .leaf }.map { "\($0.body)" }
        agreement.compare("\(mbox.path) \(number)", [("leaves", ours.joined(separator: " "), gmimeLeaves(mail))])
      }
    }
    agreement.report("GMime, leaves")
    #expect(agreement.total > 1_000)
    // GMime gives an empty part without a header no content at all.
    #expect(agreement.agreed >= agreement.total - 2)
  }

  /// The ranges of all leaves, in order.
  private func gmimeLeaves(_ mail: [UInt8]) -> String {
    guard GMimeLibrary.isReady else { return "" }
    return mail.withUnsafeBytes { bytes in
      let stream = g_mime_stream_mem_new_with_buffer(
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
      let parser = g_mime_parser_new_with_stream(stream)
      g_mime_parser_set_persist_stream(parser, 1)
      let message = g_mime_parser_construct_message(parser, nil)
      var ranges: [String] = []
      if let message { collect(g_mime_message_get_mime_part(message), bytes.count, &ranges) }
      if let message { g_object_unref(message) }
      g_object_unref(parser)
      g_object_unref(stream)
      return ranges.joined(separator: " ")
    }
  }

  private func collect(_ object: UnsafeMutablePointer<GMimeObject>?, _ end: Int, _ ranges: inout [String]) {
    guard let object else { return }
    let instance = UnsafeMutablePointer<GTypeInstance>(OpaquePointer(object))
    if g_type_check_instance_is_a(instance, g_mime_multipart_get_type()) != 0 {
      let multipart = UnsafeMutablePointer<GMimeMultipart>(OpaquePointer(object))
      for index in 0..<g_mime_multipart_get_count(multipart) {
        collect(g_mime_multipart_get_part(multipart, index), end, &ranges)
      }
    } else if g_type_check_instance_is_a(instance, g_mime_message_part_get_type()) != 0 {
      let part = UnsafeMutablePointer<GMimeMessagePart>(OpaquePointer(object))
      if let inner = g_mime_message_part_get_message(part) {
        collect(g_mime_message_get_mime_part(inner), end, &ranges)
      }
    } else if g_type_check_instance_is_a(instance, g_mime_part_get_type()) != 0 {
      let part = UnsafeMutablePointer<GMimePart>(OpaquePointer(object))
      guard let content = g_mime_part_get_content(part), let stream = g_mime_data_wrapper_get_stream(content) else {
        return ranges.append("none")
      }
      let upper = stream.pointee.bound_end < 0 ? end : Int(stream.pointee.bound_end)
      ranges.append("\(Int(stream.pointee.bound_start)..<upper)")
    }
  }
}
