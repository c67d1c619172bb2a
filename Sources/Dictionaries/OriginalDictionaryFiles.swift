/// The zstd dictionaries for mail as it is stored, as the bytes of the files beside this one. What is said of
/// `RecordDictionaryFiles` counts here too: frames on disk need every one that was released.
package enum OriginalDictionaryFiles {
  /// Oldest first.
  package static var originals: [[UInt8]] { [PackageResources.original_1_zdict] }
}
