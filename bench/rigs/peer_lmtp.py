"""What must hold of mail that Postfix delivers to Maildex by LMTP."""
import subprocess

import peer_mail
from pages import block
from peer_mail import expect
from peer_run import LOAD, MAIN, SETTINGS, begin_smtp_source, check_copies, finish
from postfix import hand_in, wait_until

CROWD = [f"crowd{number:03}@example.com" for number in range(500)]
BYTES_8BIT = ["BODY=8BITMIME"]


def serve_on_a_socket(run):
    """Both servers as the page has them for a Unix socket."""
    run.new_postfix("unix")
    queue = {"/var/spool/postfix": run.postfix.queue}
    heading = "LMTP over a Unix socket"
    subprocess.run(["bash", "-ec", block("postfix.md", heading, "install -d", {**queue, "-o maildex": "-o root"})], check=True,
                   stdin=subprocess.DEVNULL)
    run.maildex.configure(block("postfix.md", heading, SETTINGS, queue))
    run.configure_postfix(block("postfix.md", heading, MAIN), block("postfix.md", "Who exists", MAIN))
    run.maildex.start()
    run.postfix.start()


def check_load(run):
    """Each of 500 mails once, over kept connections and with a connection for each."""
    for recipient, more in (("load@example.com", ["-d"]), ("burst@example.com", [])):
        finish(begin_smtp_source(f"inet:{run.postfix.address}", recipient, *more))
        run.postfix.drained()
        check_copies(run, recipient, LOAD)


def check_sample(run):
    """All of the sample mailbox, the broken mails too."""
    mails = list(peer_mail.sample())
    with run.postfix.client() as client:
        for recipient, content in mails:
            run.ledger.expect(hand_in(client, "dan@example.net", [recipient], content, BYTES_8BIT), [recipient], content)
    run.postfix.drained()
    run.ledger.check()
    return len(mails)


def check_utf8(run):
    run.hand_in("jürgen@bücher.example", ["jörg@example.com", "alice@example.com"], peer_mail.utf8(), ["SMTPUTF8", *BYTES_8BIT])
    run.postfix.drained()
    run.ledger.check()


def check_unknown(run):
    """LMTP answers for each recipient: one has the mail, for the other it is returned to its sender, who is a user too."""
    number = run.hand_in("bob@example.com", ["alice@example.com", "nobody@example.com"], peer_mail.plain("Two of whom one exists"),
                         arrives=["alice@example.com"])
    run.postfix.drained()
    said = run.said_of(number)
    expect(said["alice@example.com"][0] == "sent", f"the known recipient: {said}")
    expect(said["nobody@example.com"][0] == "bounced" and "550 5.1.1" in said["nobody@example.com"][1], f"the unknown one: {said}")
    expect(run.ledger.reports("bob@example.com", "nobody@example.com", "5.1.1") == 1, "the sender has no report of it")
    run.ledger.check()


def check_verification(run):
    """A stranger hears of an unknown recipient from Postfix, which has asked."""
    for address, wanted in (("alice@example.com", 250), ("alice+tag@example.com", 250), ("sales@example.com", 250),
                            ("nobody@example.com", 550)):
        code, text = answer_to_stranger(run.postfix, address)
        expect(code == wanted, f"{address} is answered {code} {text!r} instead of {wanted}")


def answer_to_stranger(postfix, address):
    """Postfix waits some seconds for Maildex, and says 450 when it has no answer by then."""
    with postfix.client("127.0.0.2") as client:
        client.ehlo("stranger.example.net")
        client.mail("dan@example.net")

        def final():
            reply = client.rcpt(address)
            return reply if reply[0] != 450 else None
        return wait_until(f"an answer about {address}", final)


def check_held(run):
    """What the filter holds is taken, is in the error queue, and nobody is told."""
    before = run.ledger.count("bob@example.com")
    number = run.hand_in("bob@example.com", ["alice@example.com"], peer_mail.eicar(), arrives=[])
    run.postfix.drained()
    expect(run.said_of(number)["alice@example.com"][0] == "sent", "a mail that is held is not answered 250")
    wait_until("the mail is held", lambda: "MAILDEX_EICAR" in run.maildex.run("queue", "list", "--queue", "error"))
    expect(run.ledger.count("bob@example.com") == before, "the sender of a held mail is told")
    expect(number not in run.ledger.numbers("alice@example.com"), "a mail that is held reaches a mailbox")


def check_quota(run):
    """Who is over quota has the mail wait in Postfix, and gets it when there is room; others have it at once."""
    run.hand_in("dan@example.net", ["small@example.com"], peer_mail.plain("Fits", 12_000))
    run.postfix.drained()
    number = run.hand_in("dan@example.net", ["small@example.com", "alice@example.com"], peer_mail.plain("Does not fit", 12_000))
    waiting = run.postfix.put_off()
    expect([recipient["address"] for mail in waiting for recipient in mail["recipients"]] == ["small@example.com"], f"waits: {waiting}")
    expect("452 4.2.2" in waiting[0]["recipients"][0]["delay_reason"], f"the reason: {waiting}")
    expect(run.said_of(number)["alice@example.com"][0] == "sent", "the other recipient waits too")
    run.maildex.configure(run.maildex.documented, small_quota=100_000)
    run.maildex.run("config", "reload")
    run.postfix.flush()
    run.postfix.drained()
    run.ledger.check()


def check_crowd(run):
    """A mail to 500 recipients is one transaction, and one mail on the disk."""
    run.maildex.add_users(CROWD)
    content = peer_mail.attachment(400_000)
    before = peer_mail.stored_bytes(run.maildex.data)
    number = run.hand_in("program@example.net", CROWD, content)
    run.postfix.drained()
    said = {text for _, _, text in run.postfix.statuses()[number]}
    expect(len(said) == 1, f"{len(said)} transactions for one mail")
    # The first and the last read all of it, the others that it is there: reading takes longer than delivering.
    run.ledger.only({CROWD[0], CROWD[-1]})
    run.ledger.check()
    expect(all(run.ledger.count(user) == 1 for user in CROWD), "not everybody has it once")
    grown = peer_mail.stored_bytes(run.maildex.data) - before
    expect(0 < grown < 3 * len(content), f"a mail of {len(content)} bytes to {len(CROWD)} recipients takes {grown} bytes")
    return len(content), grown


def check_crash(run):
    """kill -9 in the middle of smtp-source's run: Postfix keeps what it could not deliver, and delivers it once."""
    before, known = run.postfix.delivered(), set(run.postfix.message_ids())
    source = begin_smtp_source(f"inet:{run.postfix.address}", "crash@example.com", "-d")
    wait_until(lambda: f"a tenth is delivered\n{run.postfix.log_tail()}", lambda: run.postfix.delivered() - before >= LOAD // 10)
    run.maildex.kill()
    finish(source)
    waiting = len(run.postfix.put_off())
    run.maildex.start()
    run.postfix.flush()
    run.postfix.drained()
    taken = {number: text for number, text in run.postfix.message_ids().items() if number not in known}
    expect(len(taken) == LOAD, f"Postfix took {len(taken)} of {LOAD} mails")
    copies = run.ledger.message_ids("crash@example.com")
    lost = set(taken.values()) - set(copies)
    doubled = {text for text, count in copies.items() if count > 1}
    unsure = {taken[number] for number in run.postfix.unsure() if number in taken}
    expect(not lost, f"{len(lost)} mails are lost")
    expect(doubled <= unsure, f"{len(doubled - unsure)} mails are there twice of which Postfix had an answer")
    return waiting, len(doubled)
