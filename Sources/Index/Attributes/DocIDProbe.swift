package import Bytes

/// Asks a set about one document after another: remembers where it looked last, because the next is mostly near.
package struct DocIDProbe {
  private let documents: DocIDBitmap
  private var container: BitmapContainer
  private var key: UInt16?
  private var place = 0

  package init(_ documents: DocIDBitmap) {
    self.documents = documents
    container = BitmapContainer()
  }

  package mutating func contains(_ docID: DocID) -> Bool {
    let key = UInt16(docID.rawValue >> 16)
    if key != self.key {
      self.key = key
      container = documents.container(key) ?? BitmapContainer()
      place = 0
    }
    return container.contains(UInt16(truncatingIfNeeded: docID.rawValue), near: &place)
  }
}
