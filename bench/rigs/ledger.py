"""What the server has promised: the ledger that a crash is judged by."""
import dataclasses
import threading


@dataclasses.dataclass(frozen=True)
class State:
    """A message as its owner sees it. `folder` is a folder's id; not `alive` once it was permanently deleted."""
    folder: str
    is_read: bool = False
    is_starred: bool = False
    alive: bool = True


class Copy:
    """One recipient's copy of a mail. One thread at a time works on it: the one that took it from the ledger."""

    def __init__(self, mail, user, inbox):
        self.mail, self.user = mail, user
        self.id = None
        self.state = State(inbox)
        # What a request asked for that was never answered: it holds or it does not.
        self.unanswered = None
        # False while only an unanswered DATA speaks for the mail.
        self.promised = False

    def possible_states(self):
        return {self.state} | ({self.unanswered} if self.unanswered else set())


class Mail:
    def __init__(self, token, round, recipients, content, inboxes):
        self.token, self.round, self.content = token, round, content
        self.message_id = f"{token}@rig.example.net"
        self.acknowledged = False
        self.copies = [Copy(self, user, inboxes[user]) for user in recipients]


class Ledger:
    def __init__(self):
        self.lock = threading.Lock()
        self.mails = {}  # by Message-ID
        self.idle = []  # promised copies that no thread works on and that are not deleted
        self.acknowledged = 0
        self.changes = 0
        self.deletions = 0

    def begin(self, mail):
        """Before the first byte is sent: from here on the mail may exist."""
        with self.lock:
            self.mails[mail.message_id] = mail

    def acknowledge(self, mail):
        """SMTP said 250: from here on the mail must exist."""
        with self.lock:
            mail.acknowledged = True
            self.acknowledged += 1
            for copy in mail.copies:
                copy.promised = True
                self.idle.append(copy)

    def take(self, generator):
        """A copy to change, or `None`; newer ones are likelier."""
        with self.lock:
            if not self.idle:
                return None
            position = max(generator.randrange(len(self.idle)), generator.randrange(len(self.idle)))
            self.idle[position], self.idle[-1] = self.idle[-1], self.idle[position]
            return self.idle.pop()

    def put_back(self, copy):
        with self.lock:
            if copy.state.alive:
                self.idle.append(copy)

    def request(self, copy, state):
        """Before a request is sent that leads to `state`."""
        copy.unanswered = state

    def answer(self, copy):
        """The request was answered: its state must hold."""
        with self.lock:
            self.changes += 1
            self.deletions += not copy.unanswered.alive
        copy.state, copy.unanswered = copy.unanswered, None

    def resolve(self, copy, state):
        """After a restart: what was unanswered is now known, and must stay so."""
        copy.state, copy.unanswered = state, None
        copy.promised = True

    def refill(self):
        """After a restart: every promised living copy can be worked on again."""
        with self.lock:
            self.idle = [copy for mail in self.mails.values() for copy in mail.copies
                         if copy.promised and copy.state.alive]

    def copies_of(self, user):
        return [copy for mail in self.mails.values() for copy in mail.copies if copy.user == user]
