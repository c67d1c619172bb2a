import MailFormat
import TestSupport
import Testing

/// Splitting and assembling real mail with attachments.
@Suite(.enabled(if: MailCorpus.isPresent("lists"), "no corpora directory"))
struct SplitCorpusTests {
  @Test(arguments: ["attachments/", "multilingual/"])
  func `every mail comes back byte for byte`(folder: String) throws {
    var (mailCount, splitCount, pieceCount, byteCount) = (0, 0, 0, 0)
    for mbox in try MailCorpus.files("lists") where mbox.path.contains(folder) && mbox.path.hasSuffix(".mbox") {
      for mail in MailCorpus.mails(inMbox: mbox.bytes) {
        mailCount += 1
        guard let split = MailSplitter().split(mail, minimumByteCount: 1_024) else { continue }
        splitCount += 1
        for case .attachment(let piece) in split.pieces {
          pieceCount += 1
          byteCount += piece.range.count
        }
        #expect(MailSplitterTests.assembled(split, mail) == mail)
      }
    }
    print("\(folder) \(splitCount) of \(mailCount) mails split into \(pieceCount) attachments of \(byteCount) bytes")
    #expect(splitCount > 10)
  }
}
