#!/usr/bin/env python3
"""Mail over SMTP into a fresh data directory with search beside it: mails a second, latencies, memory, bytes written.

    bench/rigs/receive_mail.py [--binary maildex] [--corpus DIR/<user>/<folder>.mbox | --sample]
                               [--connections 8] [--rate 0] [--limit 0] [--probe-every 50]

The load comes from maildex-load (`swift build --package-path bench -c release`), one mail a transaction. Searches do not
wait for queued mail (search.wait_for_queue=0), so `found_ms` is the time from the 250 to the first answer that holds the
mail. Prints one JSON line; exit code 1 when a mail was refused, or a probe was not found or none was asked.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import corpus  # noqa: E402
from server import BINARY, ROOT, Server, Trouble  # noqa: E402

LOAD = ROOT / "bench" / ".build" / "release" / "maildex-load"


def measure(server, folder, arguments):
    for address in corpus.users(folder).values():
        server.run("user", "add", address)
    server.start()
    result = subprocess.run(
        [LOAD, "--smtp", server.smtp_address, "--http", server.http_address, "--mail", folder,
         "--connections", str(arguments.connections), "--rate", str(arguments.rate), "--limit", str(arguments.limit),
         "--probe-every", str(arguments.probe_every)], stdout=subprocess.PIPE, text=True)
    if result.returncode:
        raise Trouble(f"maildex-load ends with {result.returncode}")
    figures = {"rate": arguments.rate} | json.loads(result.stdout.strip().splitlines()[-1])
    figures["peak_rss_mb"] = round(server.memory("VmHWM"))
    figures["cpu_seconds"] = round(server.cpu_seconds(), 1)
    figures["written_kb_mail"] = round(server.written_bytes() / 1000 / max(1, figures["mails"]), 1)
    server.stop()
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    corpus.add_arguments(parser)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rate", type=int, default=0, help="mails offered a second; 0 for as many as are taken")
    parser.add_argument("--limit", type=int, default=0, help="0 for the whole corpus")
    parser.add_argument("--probe-every", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="maildex-receive-") as work:
        folder = corpus.find(arguments, work)
        server = Server(arguments.binary, Path(work) / "data", MAILDEX_SEARCH_WAIT_FOR_QUEUE="0")
        try:
            figures = measure(server, folder, arguments)
        except Trouble as trouble:
            sys.exit(f"FAILED: {trouble}")
        finally:
            if not server.ended():
                server.kill()
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
