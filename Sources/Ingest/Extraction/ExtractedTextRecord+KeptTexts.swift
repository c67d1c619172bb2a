import Index
import MailFormat

extension ExtractedTextRecord {
  /// Puts in what an earlier record of the same mail says of documents that were missed this time.
  ///
  /// The bytes of a mail never change, so its attachments' texts are the same ones in the same order, but for those that were
  /// missed in the one or the other. What is left of the earlier ones beside those of this record is of missed documents; which of
  /// it is of which, their names tell. Only where all texts of this record were there before: else what is left may be what
  /// another build made of one of them. Then nothing of it is lost, and nothing counts as read.
  /// - Returns: the documents of which the earlier record has nothing for certain.
  @discardableResult
  mutating func keepTexts(of missed: [MissedDocument], from earlier: ExtractedTextRecord) -> [MissedDocument] {
    var left = earlier.attachmentTexts
    let areAllKnown = Self.remove(attachmentTexts, from: &left)
    var keptCount = 0
    let lacking = missed.filter { document in
      guard let kept = left.firstIndex(where: { $0.filename == document.filename }) else { return true }
      attachmentTexts.insert(left.remove(at: kept), at: document.position + keptCount)
      keptCount += 1
      return !areAllKnown
    }
    // Texts of records that have no names are among these.
    if !lacking.isEmpty { attachmentTexts += left }
    return lacking
  }

  /// - Returns: whether all were there.
  private static func remove(_ texts: [AttachmentText], from left: inout [AttachmentText]) -> Bool {
    var areAllKnown = true
    for text in texts {
      // Records were made before names were kept.
      let known = left.firstIndex(of: text) ?? left.firstIndex { $0.filename == nil && $0.text == text.text }
      if let known { left.remove(at: known) } else { areAllKnown = false }
    }
    return areAllKnown
  }
}
