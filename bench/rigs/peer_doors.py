"""Maildex beside programs that send mail, and behind Postfix by LMTP over TCP and by SMTP."""
import subprocess

import peer_mail
import wire_corpus
from pages import block
from peer_lmtp import answer_to_stranger
from peer_mail import expect
from peer_run import LOAD, MAIN, SETTINGS, begin_smtp_source, check_copies, finish, queue_numbers, swaks
from postfix import free_port, wait_until
from server import ROOT


def check_swaks(run, lmtp):
    """STARTTLS, LMTP, attachments, and eight bits; each mail comes back as swaks sent it."""
    documents = ROOT / "Fixtures" / "Documents"
    attached = [word for name in ("letter.pdf", "budget.xlsx") for word in ("--attach-type", "application/octet-stream", "--attach-name",
                                                                            name, "--attach", f"@{documents / name}")]
    to = ["--to", "direct@example.com"]
    tls = swaks("--server", run.maildex.smtp_address, "--tls", *to, *attached)
    expect("TLS started" in tls, f"swaks has no TLS:\n{tls[:2000]}")
    swaks("--server", run.postfix.address, *to, *attached)
    run.postfix.drained()
    expected = {}
    eight_bit = peer_mail.utf8()
    for words in ((*lmtp, "--protocol", "LMTP"), ("--server", run.maildex.smtp_address)):
        (number,) = queue_numbers(swaks(*words, *to, content=eight_bit))
        expected[number] = eight_bit
    check_direct(run, expected)
    for query, wanted in (('attachment:"rises with the tide"', 2), ("attachment:harpoon", 2)):
        total = run.ledger.total("direct@example.com", query)
        expect(total == wanted, f"{query} finds {total} of {wanted} documents that swaks sent")


def check_direct(run, expected):
    """Mails handed to Maildex itself, by the number that it gave them."""
    came = dict(run.ledger.numbered("direct@example.com"))
    for number, content in expected.items():
        expect(number in came, f"{number} did not come")
        expect(came[number] == content, f"{number} came changed:\n{peer_mail.difference(content, came[number])}")


def check_smtp_source(run, door, recipient, *more):
    """smtp-source straight into Maildex."""
    before = len(run.ledger.message_ids(recipient))
    finish(begin_smtp_source(door, recipient, "-d", *more))
    check_copies(run, recipient, before + LOAD)


def serve_on_a_port(run):
    """LMTP over TCP, and Postfix with a list of who exists."""
    run.stop_postfix()
    run.maildex.stop()
    address = {"127.0.0.1:2424": f"127.0.0.1:{free_port()}"}
    run.maildex.configure(block("postfix.md", "LMTP over TCP", SETTINGS, address), small_quota=100_000)
    run.maildex.start()
    run.new_postfix("tcp")
    users = {"/etc/postfix/maildex-users": run.postfix.configuration / "maildex-users"}
    command = block("postfix.md", "Who exists", "maildex user list", {
        **users, "maildex user list --data /var/lib/maildex": f"{run.maildex.binary} user list --data {run.maildex.data}",
        "postmap": f"postmap -c {run.postfix.configuration}"})
    run.configure_postfix(block("postfix.md", "LMTP over TCP", MAIN, address), block("postfix.md", "Who exists", MAIN, users, place=1))
    subprocess.run(["bash", "-eo", "pipefail", "-c", command], check=True, stdin=subprocess.DEVNULL)
    run.postfix.start()
    return address["127.0.0.1:2424"]


def check_list(run):
    """Postfix knows who exists without asking, tags too, and Maildex delivers to them."""
    for address, wanted in (("bob@example.com", 250), ("bob+tag@example.com", 250), ("nobody@example.com", 550)):
        code, text = answer_to_stranger(run.postfix, address)
        expect(code == wanted, f"{address} is answered {code} {text!r} instead of {wanted}")
    for number, subject in enumerate(("By TCP", "By TCP again")):
        run.hand_in("dan@example.net", ["alice@example.com", "carol@example.org"], peer_mail.plain(subject, 3000 * number))
    run.hand_in("jürgen@bücher.example", ["alice@example.com"], peer_mail.utf8(), ["SMTPUTF8", "BODY=8BITMIME"])
    run.postfix.drained()
    run.ledger.check()


def serve_by_smtp(run):
    """SMTP for two domains, and a Postfix that takes reports for senders elsewhere: those of example.net are Alice here."""
    run.stop_postfix()
    run.maildex.stop()
    run.new_postfix("smtp")
    run.postfix.port = free_port()
    run.maildex.configure(block("postfix.md", "Reports through Postfix", SETTINGS, {"127.0.0.1:25": run.postfix.address}), small_quota=100_000)
    run.maildex.start()
    run.configure_postfix(
        block("postfix.md", "SMTP", MAIN, {"127.0.0.1]:2525": f"127.0.0.1]:{run.maildex.smtp[1]}"}),
        "virtual_alias_domains = example.net", "virtual_alias_maps = inline:{ dan@example.net=alice@example.com }")
    run.postfix.start()


def check_relay(run):
    code, _ = answer_to_stranger(run.postfix, "nobody@example.com")
    expect(code == 550, f"an unknown recipient is answered {code}")
    run.hand_in("jürgen@bücher.example", ["jörg@example.com", "bob@example.com"], peer_mail.utf8(), ["SMTPUTF8", "BODY=8BITMIME"])
    run.hand_in("dan@example.net", ["alice@example.com", "carol@example.org"], peer_mail.plain("By SMTP", 5000))
    run.postfix.drained()
    run.ledger.check()


def check_reports(run):
    """Of a success that the sender asked for, and of a held mail that an operator drops: by Postfix to a sender elsewhere."""
    run.hand_in("dan@example.net", ["bob@example.com"], peer_mail.plain("Tell me"), recipient_options=["NOTIFY=SUCCESS"])
    wait_until(lambda: f"a report of success comes\n{run.postfix.log_tail()}",
               lambda: run.ledger.reports("alice@example.com", "Action: delivered", "bob@example.com") == 1)
    operator = wire_corpus.Operator(run.maildex.http, "")
    before = set(operator.held())
    run.postfix.send("dan@example.net", ["bob@example.com"], peer_mail.eicar())
    (number,) = wait_until("the mail is held", lambda: set(operator.held()) - before)
    operator.close()
    printed = run.maildex.run("queue", "drop", "--bounce", str(number))
    expect(printed == f"dropped={number} report=relay\n", f"queue drop --bounce prints {printed!r}")
    wait_until(lambda: f"a report of the dropped mail comes\n{run.postfix.log_tail()}",
               lambda: run.ledger.reports("alice@example.com", "Action: failed", "bob@example.com") == 1)
    run.postfix.drained()
    run.ledger.check()


def check_transport(run):
    """One domain of several by transport_maps."""
    run.stop_postfix()
    run.new_postfix("transport")
    path = run.postfix.configuration / "transport"
    run.configure_postfix(block("postfix.md", "SMTP", MAIN, {"/etc/postfix/transport": path}, place=1))
    path.write_text(block("postfix.md", "SMTP", "# /etc/postfix/transport", {"127.0.0.1]:2525": f"127.0.0.1]:{run.maildex.smtp[1]}"}))
    command = block("postfix.md", "SMTP", "postmap", {"/etc/postfix/transport": path, "postmap": f"postmap -c {run.postfix.configuration}"})
    subprocess.run(["bash", "-ec", command], check=True, stdin=subprocess.DEVNULL)
    run.postfix.start()
    run.hand_in("dan@example.net", ["carol@example.org"], peer_mail.plain("By transport"))
    run.postfix.drained()
    run.ledger.check()
