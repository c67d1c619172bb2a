import Foundation
import TestSupport

/// rspamd with two rules of its own and a Bayes classifier, without anything that it would ask the network for.
enum RspamdServer {
  /// - Parameter body: gets the sockets of the worker that scans and of the one that learns.
  static func with<Result>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (_ scanner: String, _ controller: String) async throws -> Result
  ) async throws -> Result {
    try await withTemporaryDirectory { directory in
      try configuration(directory).write(toFile: directory + "/rspamd.conf", atomically: true, encoding: .utf8)
      try rules.write(toFile: directory + "/rules.lua", atomically: true, encoding: .utf8)
      // The list of the public suffixes that ships takes several seconds to load.
      try "com\nnet\norg\n*.ck\n!www.ck\n".write(toFile: directory + "/suffixes", atomically: true, encoding: .utf8)
      return try await RealServer.with(
        "/usr/bin/rspamd", ["--no-fork", "--insecure", "--config", directory + "/rspamd.conf"], in: directory,
        sockets: ["normal", "controller"]
      ) {
        try await body(directory + "/normal", directory + "/controller")
      }
    }
  }

  private static func configuration(_ directory: String) -> String {
    """
    lang_detection { languages = ["en"]; }
    options {
      filters = ""; url_tld = "\(directory)/suffixes"; tempdir = "\(directory)"; cache_file = "\(directory)/cache";
      hs_cache_dir = "\(directory)/"; history_file = "\(directory)/history"; dynamic_conf = "\(directory)/dynamic";
      control_socket = "\(directory)/control mode=0600"; dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; }
    }
    logging { type = "console"; level = "notice"; }
    lua = "\(directory)/rules.lua";
    actions { reject = 15; add_header = 6; greylist = 4; }
    worker "normal" { bind_socket = "\(directory)/normal mode=0600"; count = 1; }
    worker "controller" { bind_socket = "\(directory)/controller mode=0600"; count = 1; password = "secret"; }
    classifier "bayes" {
      tokenizer { name = "osb"; }
      backend = "sqlite3"; min_tokens = 5; min_learns = 1;
      statfile { symbol = "BAYES_HAM"; path = "\(directory)/ham.sqlite"; spam = false; }
      statfile { symbol = "BAYES_SPAM"; path = "\(directory)/spam.sqlite"; spam = true; }
    }
    """
  }

  /// One symbol with the score that the mail asks for, and one with what rspamd was told.
  private static let rules = """
    rspamd_config:register_symbol({ name = 'TEST_SCORE', score = 1.0, type = 'normal', callback = function(task)
      local wanted = task:get_header('X-Test-Score')
      if not wanted then return false end
      task:set_milter_reply({ add_headers = { ['X-Spam'] = { value = 'Yes', order = 0 } } })
      return true, tonumber(wanted), 'asked'
    end })
    rspamd_config:register_symbol({ name = 'TEST_ENVELOPE', score = 0.0, type = 'normal', callback = function(task)
      local from = (task:get_from('smtp') or {{}})[1] or {}
      return true, 1.0, 'from=' .. tostring(from.addr), 'recipients=' .. tostring(#(task:get_recipients('smtp') or {})),
        'ip=' .. tostring(task:get_ip()), 'helo=' .. tostring(task:get_helo()), 'user=' .. tostring(task:get_user()),
        'queue=' .. tostring(task:get_queue_id())
    end })
    """
}
