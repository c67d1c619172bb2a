"""What must hold of mail that OpenSMTPD gives to Maildex, as docs/opensmtpd.md has it."""
import contextlib
import subprocess

import peer_mail
from opensmtpd import OpenSMTPD
from pages import block
from peer_mail import expect
from peer_run import LOAD, SETTINGS, begin_smtp_source, finish
from postfix import free_port, hand_in, wait_until

PAGE, CONFIGURATION = "opensmtpd.md", "# /etc/smtpd.conf"


@contextlib.contextmanager
def serving(run, package, heading, replaced):
    relay = OpenSMTPD(package, run.folder / f"opensmtpd-{heading}")
    try:
        relay.start(block(PAGE, heading, CONFIGURATION, {"port 25": f"port {relay.port}", **replaced}))
        yield relay
    finally:
        relay.stop()


def check_smtp(run, package):
    with serving(run, package, "SMTP", {"127.0.0.1:2525": run.maildex.smtp_address}) as relay:
        send_all(run, relay)
        with relay.client() as client:
            number = hand_in(client, "carol@example.org", ["alice@example.com", "nobody@example.com"], peer_mail.plain("One of two"))
        run.ledger.expect(number, ["alice@example.com"], peer_mail.plain("One of two"))
        relay.delivered(number, 2)
        wait_until(lambda: f"a report comes to the sender\n{relay.log_tail()}",
                   lambda: run.ledger.reports("carol@example.org", "nobody@example.com", "550 5.1.1") == 1)
        run.ledger.check()


def check_lmtp(run, package):
    run.maildex.stop()
    address = {"127.0.0.1:2424": f"127.0.0.1:{free_port()}"}
    run.maildex.configure(block(PAGE, "LMTP", SETTINGS, address), small_quota=100_000)
    users = run.folder / "maildex-users"
    command = block(PAGE, "LMTP", "maildex user list", {
        "/etc/mail/maildex-users": users, "maildex user list --data /var/lib/maildex":
        f"{run.maildex.binary} user list --data {run.maildex.data}", "smtpctl update table maildex\n": ""})
    subprocess.run(["bash", "-eo", "pipefail", "-c", command], check=True, stdin=subprocess.DEVNULL)
    run.maildex.start()
    with serving(run, package, "LMTP", {**address, "/etc/mail/maildex-users": users}) as relay:
        send_all(run, relay)
        with relay.client() as client:
            client.ehlo()
            client.mail("dan@example.net")
            code, text = client.rcpt("nobody@example.com")
            expect(500 <= code < 600, f"an unknown recipient is answered {code} {text!r}")


def send_all(run, relay):
    """Mails to one and to two, and 500 of smtp-source."""
    before = run.ledger.count("direct@example.com")
    with relay.client() as client:
        for recipients in (["alice@example.com"], ["bob@example.com", "carol@example.org"]):
            content = peer_mail.plain(f"By OpenSMTPD to {len(recipients)}", 5000)
            number = hand_in(client, "dan@example.net", recipients, content, ["BODY=8BITMIME"])
            run.ledger.expect(number, recipients, content)
            relay.delivered(number, len(recipients))
    run.ledger.check()
    finish(begin_smtp_source(f"inet:127.0.0.1:{relay.port}", "direct@example.com", "-d"))
    wait_until(lambda: f"{LOAD} mails of smtp-source come\n{relay.log_tail()}",
               lambda: run.ledger.count("direct@example.com") >= before + LOAD)
    counts = run.ledger.message_ids("direct@example.com")
    expect(sum(counts.values()) == before + LOAD, f"{sum(counts.values()) - before} mails came of {LOAD}")
