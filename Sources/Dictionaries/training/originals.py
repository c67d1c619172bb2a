"""Mails in the bytes in which they are stored: header, structure and text, put together by a seeded generator from the parts
that mails.py writes, in the ways in which mail programs and servers commonly write them."""
import base64
import quopri
import re
from email.header import Header

from . import mails

HOSTS = """
mail.example.com mx1.example.com mx.example.org smtp.example.net lists.example.org relay.example.com out.example.net
mailhub.example.org
""".split()
AGENTS = """
Mozilla Thunderbird / Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Thunderbird/102.0 / Microsoft Outlook 16.0 /
Microsoft Office Outlook 12.0 / Microsoft Outlook Express 6.00.2800.1106 / Apple Mail (2.3654.120.0.1.13) / Mutt/1.5.23 /
iPhone Mail (19G82) / Evolution 3.44 / KMail/1.9.10 / QUALCOMM Windows Eudora Version 5.1
"""
ZONES = "+0000 +0100 +0200 -0400 -0500 -0600 -0700 -0800 +0900 +0530".split()
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Writer:
    """Writes mails; the same seed gives the same ones."""

    def __init__(self, seed):
        self.parts = mails.Writer(seed)
        self.between, self.one, self.chance = self.parts.between, self.parts.one, self.parts.chance

    def word(self, letters, count):
        return "".join(self.one(letters) for _ in range(count))

    def date(self):
        return (f"{self.one(DAYS)}, {self.between(1, 28)} {self.one(MONTHS)} {self.between(1999, 2026)} "
                f"{self.between(0, 23):02}:{self.between(0, 59):02}:{self.between(0, 59):02} {self.one(ZONES)}")

    def network(self):
        return self.one([f"192.0.2.{self.between(1, 254)}", f"198.51.100.{self.between(1, 254)}",
                         f"203.0.113.{self.between(1, 254)}", "127.0.0.1", f"10.0.0.{self.between(1, 254)}"])

    def received(self, address):
        by, sender, net = self.one(HOSTS), self.one(HOSTS), self.network()
        queue = self.word("0123456789ABCDEF", 10)
        return self.one([
            f"from {sender} ({sender} [{net}])\n\tby {by} (Postfix) with ESMTP id {queue}\n\tfor <{address}>; {self.date()} (UTC)",
            f"from {sender} ({sender} [{net}])\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\n\t key-exchange "
            f"X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)\n\t(No client certificate requested)\n\tby {by} "
            f"(Postfix) with ESMTPS id {queue}\n\tfor <{address}>; {self.date()}",
            f"from {sender} ({sender} [{net}])\n\tby {by} (8.12.11/8.12.11) with ESMTP id {self.word(LETTERS, 14)}\n\tfor "
            f"<{address}>; {self.date()}",
            f"from [{net}] (helo={sender})\n\tby {by} with esmtp (Exim 4.94)\n\tid {self.word(LETTERS, 6)}-{self.word(LETTERS, 6)}-"
            f"{self.word(LETTERS, 2)}\n\tfor {address}; {self.date()}",
            f"from localhost (localhost [127.0.0.1])\n\tby {by} (Postfix) with ESMTP id {queue}\n\tfor <{address}>; {self.date()}",
            f"by {by} (Postfix, from userid {self.between(0, 1000)})\n\tid {queue}; {self.date()}",
            f"(qmail {self.between(1_000, 99_999)} invoked from network); {self.date()}",
            f"by {sender} with SMTP id {self.word(LETTERS.lower(), 20)};\n        {self.date()}",
            f"from {sender} ({net}) by {by}\n ({net}) with Microsoft SMTP Server (version=TLS1_2,\n "
            f"cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.5.13; {self.date()}",
        ])

    def signature(self, domain):
        hashed = base64.b64encode(bytes(self.between(0, 255) for _ in range(32))).decode()
        signed = base64.b64encode(bytes(self.between(0, 255) for _ in range(256))).decode()
        folded = "\n         ".join(re.findall(".{1,66}", signed))
        return (f"v=1; a=rsa-sha256; c=relaxed/relaxed;\n        d={domain}; s={self.one(['default', 'mail', 'selector1', '20230601'])};"
                f"\n        h=from:to:cc:subject:date:message-id:mime-version:content-type:reply-to;\n        bh={hashed};"
                f"\n        b={folded}")

    @staticmethod
    def encoded(text):
        return text if text.isascii() else Header(text, "utf-8", maxlinelen=70).encode(linesep="\n")

    def shown(self, person):
        name, address = person
        if not name:
            return self.one([address, f"<{address}>"])
        if "," in name or self.chance(0.3) and name.isascii():
            name = f'"{name}"'
        return f"{self.encoded(name)} <{address}>"

    def html(self, body):
        escaped = body.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        paragraphs = escaped.split("\n\n")
        style = self.between(0, 3)
        if style == 0:
            text = "".join(f'<div dir="ltr">{p}</div>\n'.replace("\n\n", "<br>") for p in paragraphs)
            return f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body>{text}</body></html>\n'
        if style == 1:
            text = "".join(f'<p class="MsoNormal"><span style="font-size:11.0pt;font-family:&quot;Calibri&quot;,sans-serif">{p}'
                           "<o:p></o:p></span></p>\n" for p in paragraphs)
            return ('<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns="http://www.w3.org/TR/REC-html40">\n<head>\n'
                    f'<meta name="Generator" content="Microsoft Word 15 (filtered medium)">\n</head>\n<body lang="EN-US" link="#0563C1" '
                    f'vlink="#954F72">\n<div class="WordSection1">\n{text}</div>\n</body>\n</html>\n')
        if style == 2:
            text = "".join(
                f'<tr><td align="left" valign="top" style="padding:0 20px;font-family:Arial,Helvetica,sans-serif;font-size:14px;'
                f'line-height:20px;color:#333333;">{p}</td></tr>\n' for p in paragraphs)
            return ('<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
                    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml">\n<body '
                    'bgcolor="#ffffff" style="margin:0;padding:0;">\n<table width="600" border="0" cellspacing="0" cellpadding="0" '
                    f'align="center">\n{text}</table>\n<a href="https://www.example.com/unsubscribe" target="_blank">Unsubscribe</a>\n'
                    '<img src="https://www.example.com/open.gif" width="1" height="1" alt="">\n</body>\n</html>\n')
        text = "<BR>\n".join(escaped.split("\n"))
        return ('<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0 Transitional//EN">\n<HTML><HEAD>\n<META http-equiv=Content-Type '
                'content="text/html; charset=iso-8859-1">\n</HEAD>\n<BODY bgColor=#ffffff>\n<FONT face=Arial size=2>' + text +
                "</FONT>\n</BODY></HTML>\n")

    def entity(self, subtype, text):
        """Header fields and body of a part."""
        if text.isascii() and self.chance(0.7):
            charset = self.one(["us-ascii", "us-ascii", "iso-8859-1", "UTF-8", '"us-ascii"', '"utf-8"'])
            encoding = self.one(["7bit", "7bit", "8bit", None])
        else:
            charset = self.one(["UTF-8", "utf-8", '"UTF-8"', '"iso-8859-1"' if text.isascii() else "utf-8"])
            encoding = self.one(["quoted-printable", "quoted-printable", "base64", "8bit"])
        fields = [f"Content-Type: text/{subtype}; charset={charset}"]
        if encoding:
            fields.append(f"Content-Transfer-Encoding: {encoding}")
        data = text.encode("utf-8", "replace")
        if encoding == "quoted-printable":
            data = quopri.encodestring(data)
        elif encoding == "base64":
            data = base64.encodebytes(data)
        return fields, data.decode("utf-8", "replace")

    def boundary(self):
        digits = "0123456789"
        return self.one([
            f"----=_NextPart_000_{self.word('0123456789ABCDEF', 4)}_01C{self.word('0123456789ABCDEF', 5)}.{self.word('0123456789ABCDEF', 8)}",
            f"000000000000{self.word('0123456789abcdef', 16)}", f"------------{self.word(digits, 24)}",
            f"===============_{self.word(digits, 19)}==", f"=_{self.word('0123456789abcdef', 32)}",
            f"Apple-Mail=_{self.word('0123456789ABCDEF', 8)}-{self.word('0123456789ABCDEF', 4)}", f"--b1_{self.word('0123456789abcdef', 32)}"])

    def multipart(self, subtype, parts):
        """`parts` are pairs of fields and body."""
        boundary = self.boundary()
        body = self.one(["This is a multi-part message in MIME format.\n\n", "", ""])
        for fields, text in parts:
            body += f"--{boundary}\n" + "\n".join(fields) + f"\n\n{text}\n"
        return [f'Content-Type: multipart/{subtype};\n\tboundary="{boundary}"'], body + f"--{boundary}--\n"

    def attachment(self, name):
        data = base64.encodebytes(bytes(self.between(0, 255) for _ in range(self.between(60, 400)))).decode()
        kind = self.one(["application/pdf", "application/octet-stream", "image/png", "image/jpeg", "application/msword"])
        return ([f'Content-Type: {kind}; name="{self.encoded(name)}"', "Content-Transfer-Encoding: base64",
                 f'Content-Disposition: attachment; filename="{self.encoded(name)}"'], data)

    def mail(self):
        subject, (senders, to, cc, _, reply_to), body, names, _, list_id, message_id = self.parts.parts()
        sender, rcpt = senders[0], to[0][1]
        domain = sender[1].rpartition("@")[2]
        fields = []
        if self.chance(0.4):
            fields.append(f"Return-Path: <{sender[1]}>")
        if self.chance(0.2):
            fields.append(f"Delivered-To: {rcpt}")
        fields += [f"Received: {self.received(rcpt)}" for _ in range(self.one([0, 0, 1, 1, 2, 3, 4]))]
        if self.chance(0.2):
            fields.append(
                f"Authentication-Results: mx.example.org;\n\tdkim=pass header.d={domain} header.s=mail;\n\tspf=pass (sender IP is "
                f"{self.network()}) smtp.mailfrom={sender[1]};\n\tdmarc=pass (p=NONE sp=NONE dis=NONE) header.from={domain}")
        if self.chance(0.2):
            fields.append(f"DKIM-Signature: {self.signature(domain)}")
        if self.chance(0.15):
            fields.append(self.one([
                "X-Spam-Checker-Version: SpamAssassin 3.4.6 (2021-04-09) on mail.example.com\nX-Spam-Level: \nX-Spam-Status: No, "
                f"score=-{self.between(0, 4)}.{self.between(0, 9)} required=5.0 tests=BAYES_00,DKIM_SIGNED,\n\tDKIM_VALID,DKIM_VALID_AU,"
                "HTML_MESSAGE,SPF_HELO_NONE,SPF_PASS autolearn=ham\n\tautolearn_force=no version=3.4.6",
                "X-Virus-Scanned: amavisd-new at example.com\nX-Spam-Flag: NO", "X-Virus-Scanned: by amavisd-new"]))
        named = [
            f"Message-ID: <{message_id}>", f"Date: {self.date()}", f"From: {self.shown(sender)}",
            "To: " + ",\n\t".join(map(self.shown, to)), f"Subject: {self.encoded(subject)}"]
        if cc:
            named.append("Cc: " + ", ".join(map(self.shown, cc)))
        if reply_to:
            named.append(f"Reply-To: {self.shown(reply_to[0])}")
        if re.match(r"(?i)re:", subject):
            earlier = self.parts.message_id()
            named += [f"In-Reply-To: <{earlier}>", f"References: <{earlier}>"]
        order = self.between(0, 3)
        fields += named[order:] + named[:order]
        content, text = self.entity("plain", body)
        style = self.between(0, 9)
        if style == 0:
            content, text = self.entity("html", self.html(body))
        elif style <= 3:
            content, text = self.multipart("alternative", [(content, text), self.entity("html", self.html(body))])
        if names:
            content, text = self.multipart("mixed", [(content, text), *map(self.attachment, names)])
        if self.chance(0.9):
            fields += ["MIME-Version: 1.0", *content]
        if self.chance(0.3):
            fields.append(self.one(["X-Mailer: ", "User-Agent: "]) + self.one(mails.options(AGENTS)))
        if self.chance(0.15):
            fields.append("X-Priority: 3\nX-MSMail-Priority: Normal\nX-MimeOLE: Produced By Microsoft MimeOLE V6.00.2800.1106")
        if list_id:
            name, _, host = list_id.partition(".")
            fields += [
                f"List-Id: <{list_id}>", f"List-Unsubscribe: <https://{host}/options/{name}>,\n\t<mailto:{name}-request@{host}?subject="
                "unsubscribe>", f"List-Archive: <https://{host}/pipermail/{name}/>", f"List-Post: <mailto:{name}@{host}>",
                f"List-Help: <mailto:{name}-request@{host}?subject=help>", f"List-Subscribe: <https://{host}/listinfo/{name}>,\n\t<mailto:"
                f"{name}-request@{host}?subject=subscribe>", f"Sender: {name}-bounces@{host}", "Precedence: " + self.one(["list", "bulk"]),
                f"Errors-To: {name}-bounces@{host}", "X-BeenThere: " + f"{name}@{host}", "X-Mailman-Version: 2.1.39"]
        whole = "\n".join(fields) + "\n\n" + text
        return whole.replace("\n", "\r\n" if self.chance(0.6) else "\n").encode("utf-8", "replace")


def sample_mailbox(folder):
    """The mails of the sample mailbox, with both line ends."""
    found = []
    for path in sorted(folder.glob("*@*/*.mbox")):
        for raw in re.split(rb"^From .*\n", path.read_bytes(), flags=re.MULTILINE)[1:]:
            raw = re.sub(rb"^>(>*From )", rb"\1", raw, flags=re.MULTILINE)
            found.append(raw if len(found) % 2 else raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    return found
