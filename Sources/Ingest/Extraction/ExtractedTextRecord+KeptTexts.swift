import Index
import MailFormat

extension ExtractedTextRecord {
  /// Puts in what an earlier record of the same mail says of documents that were missed this time.
  ///
  /// The bytes of a mail never change, so its attachments' texts are the same ones in the same order, but for those that were
  /// missed in the one or the other. What is left of the earlier ones beside those of this record is of missed documents; which of
  /// it is of which, their names tell.
  /// - Returns: the documents of which the earlier record has nothing either.
  mutating func keepTexts(of missed: [MissedDocument], from earlier: ExtractedTextRecord) -> [MissedDocument] {
    var left = earlier.attachmentTexts
    for text in attachmentTexts {
      if let known = left.firstIndex(of: text) { left.remove(at: known) }
    }
    var keptCount = 0
    return missed.filter { document in
      guard let kept = left.firstIndex(where: { $0.filename == document.filename }) else { return true }
      attachmentTexts.insert(left.remove(at: kept), at: document.position + keptCount)
      keptCount += 1
      return false
    }
  }
}
