#!/usr/bin/env python3
"""Imports a corpus of many users into a fresh data directory: mails a second, and the server's memory.

    bench/rigs/import_mail.py [--binary maildex] [--corpus DIR/<user>/<folder>.mbox | --sample] [--offline] [--data DIR]

One `maildex import --user` for each user, beside a running server or, with --offline, alone. Prints one JSON line:
mails a second over all (process starts included) and as the command itself says, and for a server its resident memory
idle before, at most, and idle after, in MiB. Exit code 1 when a mail failed or is missing.
"""
import argparse
import json
import re
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
import corpus  # noqa: E402
from server import BINARY, Server, Trouble, note  # noqa: E402

IDLE_SECONDS = 5
RESULT = re.compile(r"imported=(\d+) skipped=(\d+) failed=(\d+) seconds=([\d.]+)")


def import_all(server, folder, users):
    """Counts and seconds over all users."""
    imported = skipped = failed = 0
    said, began = 0.0, time.monotonic()
    for name, address in users.items():
        last = server.run("import", "--user", address, folder / name).strip().splitlines()[-1]
        match = RESULT.fullmatch(last)
        if not match:
            raise Trouble(f"import of {name} ends with {last!r}")
        imported, skipped, failed = imported + int(match[1]), skipped + int(match[2]), failed + int(match[3])
        said += float(match[4])
        note(f"{name}: {last}")
    seconds = time.monotonic() - began
    return {"imported": imported, "skipped": skipped, "failed": failed, "seconds": round(seconds, 2),
            "mails_s": round(imported / seconds), "mails_s_by_command": round(imported / max(said, 0.001))}


def measure(server, folder, users, is_offline):
    for address in users.values():
        server.run("user", "add", address)
    figures = {"mode": "offline" if is_offline else "server", "users": len(users)}
    if is_offline:
        figures |= import_all(server, folder, users)
        # What a server needs for a full data directory when nobody asks it anything.
        figures["start_ms"] = round(server.start())
        time.sleep(IDLE_SECONDS)
        figures["idle_rss_mb"] = round(server.memory("VmRSS"))
    else:
        server.start()
        time.sleep(IDLE_SECONDS)
        figures["idle_rss_before_mb"] = round(server.memory("VmRSS"))
        figures |= import_all(server, folder, users)
        figures["peak_rss_mb"] = round(server.memory("VmHWM"))
        figures["cpu_seconds"] = round(server.cpu_seconds(), 1)
        figures["written_kb_mail"] = round(server.written_bytes() / 1000 / max(1, figures["imported"]), 1)
        time.sleep(IDLE_SECONDS)
        figures["idle_rss_after_mb"] = round(server.memory("VmRSS"))
    server.stop()
    figures["data_mb"] = round(sum(path.stat().st_size for path in Path(server.data).rglob("*") if path.is_file()) / 2**20)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    corpus.add_arguments(parser)
    parser.add_argument("--offline", action="store_true", help="import without a server")
    parser.add_argument("--data", type=Path, default=None, help="kept afterwards; by default a temporary directory")
    arguments = parser.parse_args()
    if arguments.data and arguments.data.exists():
        sys.exit(f"{arguments.data} is there already; the figures need a fresh directory")
    with tempfile.TemporaryDirectory(prefix="maildex-import-") as work:
        folder = corpus.find(arguments, work)
        server = Server(arguments.binary, arguments.data or Path(work) / "data")
        try:
            figures = measure(server, folder, corpus.users(folder), arguments.offline)
        except Trouble as trouble:
            sys.exit(f"FAILED: {trouble}")
        finally:
            if not server.ended():
                server.kill()
        expected = sum(1 for name in corpus.users(folder) for _ in corpus.mails(folder / name))
    print(json.dumps(figures), flush=True)
    if figures["failed"] or figures["imported"] != expected:
        sys.exit(f"FAILED: {expected} different mails in the corpus, {figures['imported']} imported")


if __name__ == "__main__":
    main()
