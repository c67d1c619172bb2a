import HTTPAPI
import Index
import MailStore
import Testing

@testable import maildex

struct MailboxServiceErrorsTests {
  @Test(arguments: [
    (IndexError.Code.noSpace, MailServiceError.Code.busy, false), (.busy, .busy, false), (.stopped, .stopped, false),
    (.corrupt, .damaged, true), (.missingRecord, .damaged, true), (.shadowInvalid, .damaged, false),
    (.failed, .damaged, false),
  ])
  func `an error of the index says who acts, and promises a repair only where it mends`(
    code: IndexError.Code, expected: MailServiceError.Code, promises: Bool
  ) throws {
    let error = MailboxService.translation(of: IndexError(code: code, message: "/secret/path"))
    let translated = try #require(error as? MailServiceError)
    #expect(translated.code == expected)
    #expect(translated.message.contains("--repair") == promises)
    #expect(!translated.message.contains("secret"))
  }

  @Test(arguments: [
    (StoreError.Code.noSpace, MailServiceError.Code.busy), (.queueFull, .busy), (.closed, .busy), (.stopped, .stopped),
    (.corrupt, .damaged), (.missingBlob, .damaged), (.failed, .damaged),
  ])
  func `an error of the store says who acts and keeps its inside to the log`(
    code: StoreError.Code, expected: MailServiceError.Code
  ) throws {
    let error = MailboxService.translation(of: StoreError(code: code, message: "/secret/path"))
    let translated = try #require(error as? MailServiceError)
    #expect(translated.code == expected)
    #expect(!translated.message.contains("secret"))
  }
}
