import ArgumentParser
import Bytes
import Documents
import Foundation

struct ExtractTextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract-text",
    abstract: "Show what would be searched of a document that comes with a mail.",
    discussion: """
      Reads PDF, Office Open XML (docx, xlsx, pptx), OpenDocument, HWPX, EPUB and RTF, and the names in archives (zip, tar, \
      7z, rar), each told by its content. As for mail, a confined process with the limits of the extraction settings does \
      it. A document that cannot be read ends the command with 1.
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The document.") var file: String

  func run() throws {
    let documents = DocumentTexts(options: try common.settings().extraction ?? DocumentOptions(), cachePath: nil)
    defer { documents.close() }
    let bytes: [UInt8]
    do {
      bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
    } catch {
      throw CommandFailure("\(file): cannot be read: \(error.localizedDescription)")
    }
    guard DocumentKind(bytes) != nil else {
      throw CommandFailure("\(file): none of the kinds of documents that are read; see --help")
    }
    let (text, outcome) = documents.text(of: bytes, within: .seconds(60))
    if !text.isEmpty { StandardStream.output.print(text) }
    switch outcome {
    case .whole: break
    case .cut: StandardStream.error.print("there is more than is kept (extraction.max_text), or a part is damaged")
    default: throw CommandFailure("\(file): not read: \(outcome.explanation)")
    }
  }
}

extension DocumentOutcome {
  fileprivate var explanation: String {
    switch self {
    case .whole, .cut: "it was"
    case .unreadable: "damaged, or encrypted"
    case .timeout: "it takes longer than extraction.timeout"
    case .crash: "its reader failed, or needs more than extraction.memory"
    case .busy: "all readers are busy; try again"
    case .stopped: "its reader was stopped"
    case .unavailable: "the reader cannot be started; PDF needs pdftotext (Debian: poppler-utils)"
    }
  }
}
