import Bytes

/// What `PackStore.verify` has looked at and found.
package struct PackReport: Sendable {
  package var fileCount = 0
  package var frameCount = 0
  package var byteCount: UInt64 = 0
  package var problems: [PackProblem] = []

  package init() {}
}

extension PackStore {
  /// Reads and checks every frame of every file, over damage. Blocks, for as long as reading all of it takes; appends
  /// go on meanwhile, and what they add after the start may be left out.
  /// - Parameter shouldContinue: asked after each file with the report so far; false ends the walk early.
  package func verify(shouldContinue: (PackReport) -> Bool = { _ in true }) throws -> PackReport {
    do {
      var report = PackReport()
      for number in files.numbers {
        try verify(number, &report)
        report.fileCount += 1
        if !shouldContinue(report) { break }
      }
      return report
    } catch {
      throw StoreError(error)
    }
  }

  /// Every whole record of one kind, in no particular order; damage is stepped over. Blocks.
  func forEach(_ kind: PackRecord.Kind, _ body: (BlobReference, [UInt8]) throws -> Void) throws {
    for number in files.numbers {
      let activeEnd = endOffset(of: number)
      guard let pack = try? files.open(number) else { continue }
      var scanner = try PackScanner(pack, to: files.place(of: number) == .sealed ? nil : activeEnd)
      while let item = try scanner.next() {
        guard case .frame(let header, let offset, let payload) = item, header.kind == kind.rawValue,
          let record = try? PackRecord(header: header, payload: payload, limit: files.options.maxRecordByteCount)
        else { continue }
        try body(BlobReference(pack: number, offset: offset, byteCount: header.frameByteCount), record.bytes)
      }
    }
  }

  /// The references that no frame answers to. Blocks.
  package func missing(of references: some Sequence<BlobReference>) -> [BlobReference] {
    references.filter { !contains($0) }
  }

  private func verify(_ number: UInt32, _ report: inout PackReport) throws {
    // Asked before the place: a file that is sealed in between is then only read to where it ended.
    let activeEnd = endOffset(of: number)
    let isSealed = files.place(of: number) == .sealed
    let pack: PackFile
    do { pack = try files.open(number) } catch let problem as PackProblem {
      return report.problems.append(problem)
    } catch let error as StoreError where error.code == .missingBlob { return }
    verifyHeaders(of: pack, &report)

    var frameCount: UInt64 = 0
    var gaps: [PackProblem] = []
    var seal: UInt64?
    var scanner = try PackScanner(pack, to: isSealed ? nil : activeEnd)
    while let item = try scanner.next() {
      switch item {
      case .damage(let problem, _): gaps.append(problem)
      case .frame(let header, let offset, let payload):
        report.problems += gaps
        gaps = []
        seal = nil
        report.frameCount += 1
        report.byteCount += UInt64(header.frameByteCount)
        do throws(PackFrame.Damage) {
          let record = try PackRecord(header: header, payload: payload, limit: files.options.maxRecordByteCount)
          if record.kind == .seal { seal = Self.count(in: record) } else { frameCount += 1 }
        } catch {
          report.problems.append(
            PackProblem(file: pack.path, offset: offset, expected: error.expected, found: error.found))
        }
      }
    }
    // Behind the last frame of a file that nobody has recovered yet lies at most an unfinished write.
    if isSealed || activeEnd != nil { report.problems += gaps }
    if isSealed && seal == nil {
      report.problems.append(
        PackProblem(file: pack.path, offset: scanner.offset, expected: "the seal that ends the file", found: "none"))
    }
    if let seal, seal != frameCount, gaps.isEmpty, isSealed {
      report.problems.append(
        PackProblem(file: pack.path, offset: scanner.offset, expected: "\(seal) frames", found: "\(frameCount)"))
    }
  }

  private func verifyHeaders(of pack: PackFile, _ report: inout PackReport) {
    guard let bytes = try? pack.file.read(at: 0, byteCount: Int(PackHeader.endOffset)) else { return }
    for offset in PackHeader.copyOffsets {
      do throws(PackProblem) {
        _ = try PackHeader(copyAt: offset, of: bytes, file: pack.path)
      } catch {
        report.problems.append(error)
      }
    }
  }

  private static func count(in record: PackRecord) -> UInt64? {
    var reader = ByteReader(record.bytes)
    return try? reader.readVarint()
  }
}
