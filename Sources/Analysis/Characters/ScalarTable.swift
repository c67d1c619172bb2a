private import CICU

/// What the analyzers need to know of a scalar, packed as `cicu_text.h` describes.
struct ScalarEntry {
  let bits: UInt32

  var characterClass: CharacterClass {
    CharacterClass(rawValue: UInt8(truncatingIfNeeded: bits & CICU_ENTRY_CLASS_MASK)) ?? .other
  }
  /// Whether normalisation may be cut before the scalar.
  var hasBoundaryBefore: Bool { bits & CICU_ENTRY_BOUNDARY != 0 }
  /// Whether the scalar, standing alone, becomes exactly one scalar: `normalized`.
  var isSingle: Bool { bits & CICU_ENTRY_SINGLE != 0 }
  var normalized: UInt32 { bits >> UInt32(CICU_ENTRY_SCALAR_SHIFT) }
  /// Whether diacritic folding changes it.
  var folds: Bool { bits & CICU_ENTRY_FOLDS != 0 }
}

/// The entries of planes 0 and 1, asked of ICU once per process (512 KiB, some ten milliseconds); other planes, which
/// hold rare ideographs, are asked each time.
struct ScalarTable: Sendable {
  static let shared = ScalarTable()

  /// The same with traditional Han characters normalised to simplified ones, as ICU's transform `Traditional-Simplified` has them;
  /// some fifty milliseconds more. Rare ideographs beyond plane 1 stay as they are.
  /// `nil` where this ICU lacks the transform.
  static let simplifyingHan = unsafe ScalarTable(shared.entries) { entries in
    unsafe cicu_simplify_han(entries.baseAddress, UInt32(entries.count))
  }

  private let entries: [UInt32]

  private init() {
    entries = unsafe [UInt32](unsafeUninitializedCapacity: 0x20000) { buffer, count in
      unsafe cicu_fill_scalar_entries(buffer.baseAddress, 0x20000)
      count = 0x20000
    }
  }

  private init?(_ entries: [UInt32], _ change: (UnsafeMutableBufferPointer<UInt32>) -> Bool) {
    var entries = entries
    let isChanged = unsafe entries.withUnsafeMutableBufferPointer { unsafe change($0) }
    guard isChanged else { return nil }
    self.entries = entries
  }

  subscript(scalar: UInt32) -> ScalarEntry {
    scalar < 0x20000 ? ScalarEntry(bits: entries[Int(scalar)]) : ScalarEntry(bits: cicu_scalar_entry(scalar))
  }
}
