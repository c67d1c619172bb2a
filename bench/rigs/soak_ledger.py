"""What was sent, answered and left open over hours: a few bytes a mail, and the judgement of what is there at the end."""
import collections
import threading


class SoakLedger:
    """Mails are numbers. A try is *open* when its content was on the way and no reply came: the mail may be there for it, or not
    (RFC 5321 §4.1.1.4, RFC 1047)."""

    def __init__(self, seed):
        self.prefix = f"soak{seed}n"
        self.lock = threading.Lock()
        self.recipients = []  # of each mail: indexes of users
        self.acknowledged = bytearray()
        self.open_tries = bytearray()
        self.retried = 0

    def token(self, number):
        """A word that no other mail has."""
        return f"{self.prefix}{number}"

    def message_id(self, number):
        return f"{self.token(number)}@rig.example.net"

    def number(self, message_id):
        """Of a mail of this ledger, or None."""
        token, _, domain = message_id.strip("<>").partition("@")
        digits = token.removeprefix(self.prefix)
        if domain != "rig.example.net" or digits == token or not digits.isdigit() or int(digits) >= len(self.recipients):
            return None
        return int(digits)

    def begin(self, recipients):
        """Before the first byte: the number of a new mail."""
        with self.lock:
            self.recipients.append(tuple(recipients))
            self.acknowledged.append(0)
            self.open_tries.append(0)
            return len(self.recipients) - 1

    def leave_open(self, number):
        with self.lock:
            self.open_tries[number] = min(255, self.open_tries[number] + 1)

    def count_retry(self):
        with self.lock:
            self.retried += 1

    def acknowledge(self, number):
        """SMTP said 250: from here on each recipient must have it."""
        with self.lock:
            self.acknowledged[number] = 1

    def acknowledged_count(self):
        return sum(self.acknowledged)

    def shares(self, users):
        """For each of so many users the numbers of the mails that were sent to it."""
        shares = [[] for _ in range(users)]
        for number, recipients in enumerate(self.recipients):
            for user in recipients:
                shares[user].append(number)
        return shares

    def judge(self, share, delivered, held, complain):
        """Counts for the user whose share it is. `delivered` and `held` have how often each mail's number is in the mailbox and in the
        error queue for that user; `complain` gets the kind and what is wrong."""
        counts = collections.Counter(held=sum(held.values()))
        for number in (delivered.keys() | held.keys()) - set(share):
            complain("foreign", f"{self.token(number)} is where nobody sent it")
        for number in share:
            copies = delivered.get(number, 0) + held.get(number, 0)
            least, most = self.acknowledged[number], self.acknowledged[number] + self.open_tries[number]
            if copies < least:
                complain("lost", f"{self.token(number)} was acknowledged and is not there")
            elif copies > most:
                complain("doubled", f"{self.token(number)} is there {copies} times after {most} tries")
            else:
                counts["ambiguous"] += copies - least
        return counts
