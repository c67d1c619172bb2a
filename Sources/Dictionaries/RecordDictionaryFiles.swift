/// The zstd dictionaries that ship with Maildex, as the bytes of the files beside this one. A dictionary that was released is
/// never changed or taken away: frames on disk need it.
package enum RecordDictionaryFiles {
  /// For text records, oldest first.
  package static var records: [[UInt8]] { [PackageResources.record_1_zdict] }
}
