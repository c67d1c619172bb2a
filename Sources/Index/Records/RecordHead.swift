import Bytes

/// The beginning of an encoded text record, read in place: its subject and its people. Whoever looks for a few people in many
/// mails makes no text of all the others, nor of the bodies.
package struct RecordHead: Sendable {
  /// Of the lists of people those that suggestions ask for, in the order of the bytes.
  package enum List: CaseIterable, Sendable { case from, to, cc, bcc }

  private struct Person {
    let list: List
    /// Empty where there is none.
    let name: Range<Int>
    let address: Range<Int>
  }

  private let bytes: [UInt8]
  private let subjectBytes: Range<Int>
  private let people: [Person]

  /// - Parameter bytes: as `ExtractedTextRecord.encode` gives them; looked at as far as the last list.
  init(_ bytes: [UInt8]) throws(DecodingError) {
    self.bytes = bytes
    var reader = ByteReader(bytes)
    _ = try ExtractedTextRecord.readVersion(&reader)
    subjectBytes = try Self.readText(&reader)
    var people: [Person] = []
    for list in List.allCases {
      let count = try reader.readCount()
      for _ in 0..<count {
        let hasName = try reader.readFlag()
        let name = try hasName ? Self.readText(&reader) : 0..<0
        people.append(Person(list: list, name: name, address: try Self.readText(&reader)))
      }
    }
    self.people = people
  }

  private static func readText(_ reader: inout ByteReader) throws(DecodingError) -> Range<Int> {
    let byteCount = try reader.readLengthPrefixed().count
    return reader.offset - byteCount..<reader.offset
  }

  package var subject: String { String(decoding: bytes[subjectBytes], as: UTF8.self) }

  /// Calls `body` with each person's name, empty where there is none, and address, both in UTF-8.
  package func forEachPerson(_ body: (_ list: List, _ name: ArraySlice<UInt8>, _ address: ArraySlice<UInt8>) -> Void) {
    for person in people { body(person.list, bytes[person.name], bytes[person.address]) }
  }
}
