import Testing

@testable import Reports

@Suite struct ReportBoundaryTests {
  @Test func `a boundary that occurs in a part is not taken`() {
    let taken = Set([[UInt8](repeating: 0xAB, count: 32), [UInt8](repeating: 0x01, count: 32)])
    let parts = taken.map { Array(("text --=_report_" + hex($0) + " more").utf8) }
    let boundary = ReportBoundary.make(for: parts) { _, attempt in
      [UInt8](repeating: attempt == 0 ? 0xAB : attempt == 1 ? 0x01 : 0x77, count: 32)
    }
    #expect(boundary == "=_report_" + String(repeating: "77", count: 16))
  }

  @Test func `it is of the parts alone and short enough`() {
    let boundary = ReportBoundary.make(for: [[1], [2]])
    #expect(boundary == ReportBoundary.make(for: [[1], [2]]) && boundary != ReportBoundary.make(for: [[1], [3]]))
    #expect(boundary.utf8.count <= 70)
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
