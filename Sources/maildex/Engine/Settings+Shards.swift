import Mailboxes

extension Settings {
  /// What the shards are told of the settings.
  var shardOptions: ShardOptions {
    var options = ShardOptions()
    options.compactionRate = compactionRate
    options.pressure.byteCount = WritePressure.Range(
      slowsAt: UInt64(backlog.lowerBound), stopsAt: UInt64(backlog.upperBound))
    return options
  }
}
