#!/usr/bin/env python3
"""Ten thousand clients that said EHLO and then nothing: how much memory do they take, and is mail taken meanwhile?

    bench/rigs/idle_connections.py [--binary maildex] [--connections 10000]

The clients come over loopback, and smtp.max_connections lets them in. `rss_mb` is the server's before them, with all of them, and after
they have gone; at most 200 MB with them. `kb_each` is what one of them adds. A mail that is sent meanwhile is acknowledged and
found. Prints one JSON line; exit code 1 when a client was not kept, the memory was more, or the mail was not found.
"""
import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
from many_connections import Crowd, Script, raise_file_limit  # noqa: E402
from server import BINARY, PATIENCE, Client, Server, SMTPClient, Trouble  # noqa: E402

USER = "alice@example.com"
MOST_MB = 200
SOURCES = 4  # loopback addresses, each with some 28,000 ports


def send_mail(server, word):
    """Milliseconds until the 250, and until search finds it."""
    began = time.monotonic()
    sender = SMTPClient(server.smtp)
    sender.send("rig@example.net", [USER], f"From: rig@example.net\r\nSubject: {word}\r\n\r\nHello\r\n".encode())
    acknowledged = time.monotonic()
    sender.close()
    client = Client(server.http, USER)
    while client.search(word)["total"] != 1:
        if time.monotonic() > acknowledged + PATIENCE:
            raise Trouble("the mail was acknowledged and is not found")
    client.close()
    return {"ack_ms": round((acknowledged - began) * 1000, 1), "found_ms": round((time.monotonic() - began) * 1000, 1)}


def measure(server, count):
    server.run("user", "add", USER)
    server.start()
    send_mail(server, "wordbefore")
    before = server.memory("VmRSS")
    scripts = [Script("idle", f"127.0.0.{2 + number % SOURCES}", [b"EHLO idle.example.net\r\n"]) for number in range(count)]
    began = time.monotonic()
    crowd = Crowd(server.smtp, scripts)
    settled = crowd.settle()
    seconds = time.monotonic() - began
    mail = send_mail(server, "wordmeanwhile")
    during = server.memory("VmRSS")
    kept = crowd.end()["states"].get("kept", 0)
    after = server.memory("VmRSS")
    send_mail(server, "wordafter")
    peak = server.memory("VmHWM")
    server.stop()
    return {"connections": count, "kept": kept, "settled": settled["states"], "connected_in_s": round(seconds, 1),
            "rss_mb": {"before": round(before), "during": round(during), "after": round(after), "peak": round(peak)},
            "kb_each": round((during - before) * 1024 / count, 1), "mail": mail}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    parser.add_argument("--connections", type=int, default=10000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="maildex-idle-") as work:
        server = Server(arguments.binary, Path(work) / "data", MAILDEX_SMTP_MAX_CONNECTIONS=str(arguments.connections * 5 // 4))
        try:
            raise_file_limit(arguments.connections * 5 // 4 + 1000)
            figures = measure(server, arguments.connections)
        except (Trouble, OSError) as trouble:
            sys.exit(f"FAILED: {trouble}")
        finally:
            if not server.ended():
                server.kill()
    print(json.dumps(figures), flush=True)
    sys.exit(0 if figures["kept"] == arguments.connections and figures["rss_mb"]["peak"] <= MOST_MB else 1)


if __name__ == "__main__":
    main()
