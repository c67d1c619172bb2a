import Foundation
import Testing

@testable import Filter

@Suite struct FileContentTests {
  private static let programs: [(bytes: [UInt8], kind: String)] = [
    (Mails.program, "PE"),
    (Array("MZ".utf8) + zeros(100), "DOS"),
    ([0x7F, 0x45, 0x4C, 0x46, 2, 1], "ELF"),
    ([0xCF, 0xFA, 0xED, 0xFE, 7], "Mach-O"),
    ([0xCA, 0xFE, 0xBA, 0xBE, 0], "Java or Mach-O"),
    (Array("#!/bin/sh\necho".utf8), "script"),
    (Array("\u{FEFF}#! /usr/bin/env python".utf8), "script"),
    ([0x4C, 0, 0, 0, 1, 0x14, 2, 0, 0], "Windows shortcut"),
    (zeros(32_769) + Array("CD001 ".utf8), "disk image"),
  ]

  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  @Test(arguments: programs)
  func `what runs is told by its first bytes`(bytes: [UInt8], kind: String) {
    #expect(FileContent.executable(bytes) == kind)
    #expect(FileContent.executable(([1, 2, 3] + bytes).dropFirst(3)) == kind, "wherever the slice begins")
  }

  @Test(arguments: [
    "", "M", "MZ", "MZ is the mark of a program, as everybody knows who has ever looked", "#!", "#hash", "%PDF-1.7",
  ])
  func `texts are no programs`(text: String) {
    #expect(FileContent.executable(Array(text.utf8)) == nil)
  }

  @Test func `an offset that leads nowhere is no trap`() {
    var bytes = Mails.program
    bytes.replaceSubrange(0x3C..<0x40, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(FileContent.executable(bytes) == "DOS")
    for count in 0..<bytes.count { _ = FileContent.executable(bytes.prefix(count)) }
  }

  @Test func `the running program is one`() throws {
    let program = try Data(contentsOf: URL(fileURLWithPath: "/bin/sh"))
    #expect(FileContent.executable(Array(program)) == "ELF")
  }

  @Test func `the test file is told at the beginning alone`() {
    #expect(EICAR.text.utf8.count == 68)
    #expect(EICAR.isAtBeginning(of: Array((EICAR.text + "\r\n").utf8)))
    #expect(EICAR.isAtBeginning(of: Array("\u{FEFF}\r\n  \(EICAR.text)".utf8)))
    #expect(!EICAR.isAtBeginning(of: Array("The file is \(EICAR.text)".utf8)))
  }
}
