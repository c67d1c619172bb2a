import Foundation
import TestSupport
import Testing

/// Users submit mail to a running server, with clients that know nothing of ours.
@Suite(.timeLimit(.minutes(60))) struct SubmissionTests {
  @Test func `mail that is submitted is found, and says how it came and what it was given`() async throws {
    try await withSubmission { server, certificate in
      let submission = try #require(server.doors["submission"])
      let submissions = try #require(server.doors["submissions"])
      for (door, mechanism) in [(submission, "PLAIN"), (submissions, "LOGIN"), (submission, "SCRAM-SHA-256")] {
        let result = try await Script.python(
          Self.client, [door, certificate, mechanism, "alice@example.com", "Grüße 9"])
        #expect(result.lines == ["235", "553", "550", "250"], "\(mechanism): \(result)")
      }
      #expect(try await server.total("from:alice oranges", as: "bob@example.com") == 3)
      let id =
        try await server.get(
          "/v1/search?q=oranges", as: "bob@example.com"
        ).json["hits"] as? [[String: Any]]
      let message = try #require(id?.first?["message"] as? [String: Any])
      let raw = try await server.get("/v1/messages/\(message["id"] ?? "")/raw", as: "bob@example.com")
      let text = String(decoding: raw.body, as: UTF8.self)
      #expect(text.contains("\r\n\tby localhost with ESMTPSA id "), "\(text)")
      #expect(
        text.contains("\r\nDate: ") && text.firstMatch(of: /\r\nMessage-ID: <\d+\.\d+@localhost>\r\n/) != nil, "\(text)"
      )
      let metrics = String(decoding: try await server.get("/metrics").body, as: UTF8.self)
      for line in [
        "plain\",result=\"success\"} 1", "login\",result=\"success\"} 1", "scram-sha-256\",result=\"success\"} 1",
      ] {
        #expect(metrics.contains("\nmaildex_smtp_auth_total{mechanism=\"\(line)\n"), "\(line)")
      }
    }
  }

  @Test(arguments: ["PLAIN", "LOGIN", "SCRAM-SHA-256"])
  func `a wrong password and somebody unknown hear the same, and nobody does without a password`(
    mechanism: String
  ) async throws {
    try await withSubmission { server, certificate in
      let door = try #require(server.doors["submissions"])
      var answers: Set<[String]> = []
      for user in ["alice@example.com", "eve@example.com", "bob@example.com"] {
        let result = try await Script.python(Self.client, [door, certificate, mechanism, user, "wrong"])
        answers.insert(result.lines)
      }
      #expect(answers == [["535 5.7.8 authentication credentials invalid"]])
    }
  }

  /// Found twice, a decoy is the same, as a salt is.
  @Test func `somebody unknown has a salt that stays, also after a restart`() async throws {
    try await withSubmission { server, certificate in
      var salts: Set<String> = []
      var running = server
      for _ in 0..<2 {
        for user in ["eve@example.com", "EVE@example.com"] {
          let door = try #require(running.doors["submissions"])
          salts.insert(try await Script.python(Self.client, [door, certificate, "SALT", user, "x"]).output)
        }
        #expect(await running.stop().status == 0)
        running = try await TestServer.start(server.data, environment: Self.environment(certificate))
      }
      #expect(salts.count == 1 && salts.first?.wholeMatch(of: /s=[A-Za-z0-9+\/]{22}==,i=210000\n/) != nil, "\(salts)")
      await running.kill()
    }
  }

  @Test func `a token does for a password, and a password that is taken away does no more`() async throws {
    try await withSubmission { server, certificate in
      let door = try #require(server.doors["submissions"])
      let created = try await succeed(["token", "create", "bob@example.com", "--data", server.data]).output
      let token = String(try #require(created.firstMatch(of: /token=(\S+)/)).1)
      func lines(_ user: String, _ password: String) async throws -> [String] {
        try await Script.python(Self.client, [door, certificate, "PLAIN", user, password]).lines
      }
      #expect(try await lines("bob@example.com", token).first == "235")
      #expect(try await lines("alice@example.com", token).first?.hasPrefix("535") == true)
      #expect(try await lines("alice@example.com", "Grüße 9").first == "235")
      try await succeed(["user", "password", "alice@example.com", "--remove", "--data", server.data])
      #expect(try await lines("alice@example.com", "Grüße 9").first?.hasPrefix("535") == true)
    }
  }

  @Test(arguments: ["submission", "submissions"])
  func `curl and Python's smtplib submit by each door as they find it`(name: String) async throws {
    try await withSubmission { server, certificate in
      let door = try #require(server.doors[name])
      let curl = try await Script.shell(
        """
        printf 'Subject: fruit\\r\\n\\r\\noranges\\r\\n' | curl -sS --cacert "$2" --connect-to "mx.example.com:1:$1" --ssl-reqd \
          "$3://mx.example.com:1" --user "alice@example.com:Grüße 9" --mail-from alice+curl@example.com \
          --mail-rcpt bob@example.com --upload-file -
        """, [door, certificate, name == "submission" ? "smtp" : "smtps"])
      #expect(curl.status == 0, "\(curl)")
      let created = try await succeed(["token", "create", "alice@example.com", "--data", server.data]).output
      let token = String(try #require(created.firstMatch(of: /token=(\S+)/)).1)
      let python = try await Script.python(Self.login, [door, certificate, name, token])
      #expect(python.lines == ["235", "{}"], "\(python)")
      #expect(try await server.total("oranges", as: "bob@example.com") == 2)
    }
  }

  @Test func `in clear nobody logs in, and what is put behind STARTTLS is never performed`() async throws {
    try await withSubmission { server, certificate in
      let door = try #require(server.doors["submission"])
      let result = try await Script.python(Self.injection, [door, certificate])
      #expect(
        result.lines == [
          "538 5.7.11 say STARTTLS first: encryption required", "530 5.7.0 say STARTTLS first",
          "220 2.0.0 ready for TLS",
          "530 5.7.0 authentication required", "530 5.7.0 authentication required",
        ], "\(result)")
    }
  }

  @Test func `each name has its certificate, and TLS before 1.2 is none`() async throws {
    try await withSubmission { server, _ in
      let door = try #require(server.doors["submissions"])
      let show =
        "openssl s_client -connect $1 -servername $2 </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName"
      for (name, shown) in [
        ("mail.example.net", "mail.example.net"), ("mx.example.com", "mx.example.com"),
        ("other.example.org", "mx.example.com"),
      ] {
        #expect(try await Script.shell(show, [door, name]).output.contains("DNS:\(shown)"), "\(name)")
      }
      let old = try await Script.shell(
        "openssl s_client -connect $1 -tls1_1 -cipher ALL:@SECLEVEL=0 </dev/null 2>&1 | grep -c 'Cipher is (NONE)'",
        [door])
      #expect(old.output == "1\n", "\(old)")
    }
  }

  // MARK: - The world around

  private static func environment(_ certificate: String) -> [String: String] {
    [
      "MAILDEX_SMTP_TLS_CERTIFICATE": "\(certificate), \(certificate).other",
      "MAILDEX_SMTP_TLS_KEY": "\(certificate).key, \(certificate).other.key",
      "MAILDEX_SMTP_SUBMISSION": "127.0.0.1:0", "MAILDEX_SMTP_SUBMISSIONS": "127.0.0.1:0",
    ]
  }

  /// Alice, who has a password, and bob, who has none; certificates for `mx.example.com` and `mail.example.net`.
  private func withSubmission(_ body: (TestServer, _ certificate: String) async throws -> Void) async throws {
    try await withMailbox { data in
      try await succeed(["user", "add", "bob@example.com", "--data", data])
      let set = try await MaildexProcess.run(
        ["user", "password", "alice@example.com", "--data", data], input: "Grüße 9\n")
      try #require(set.status == 0, "\(set)")
      let certificate = data + ".pem"
      try SelfSignedCertificate.make(certificate: certificate, key: certificate + ".key")
      try SelfSignedCertificate.make(
        certificate: certificate + ".other", key: certificate + ".other.key", name: "mail.example.net")
      let server = try await TestServer.start(data, environment: Self.environment(certificate))
      try await body(server, certificate)
      await server.kill()
    }
  }

  /// Logs in, is told of another's address and of another server's, and sends; says the code of each answer. `SALT` says what SCRAM
  /// answers first.
  private static let client = """
    import base64, hashlib, hmac, os, smtplib, ssl, sys
    door, certificate, mechanism, user, password = sys.argv[1:]
    host, port = door.rsplit(':', 1)
    context = ssl.create_default_context(cafile=certificate)
    class Client(smtplib.SMTP_SSL):
        def _get_socket(self, host, port, timeout):
            plain = smtplib.SMTP._get_socket(self, host, port, timeout)
            return context.wrap_socket(plain, server_hostname='mx.example.com')
    import socket
    try:
        smtp = Client(host, int(port))
    except ssl.SSLError:
        smtp = smtplib.SMTP(host, int(port))
        smtp._host = 'mx.example.com'
        smtp.starttls(context=context)
    smtp.ehlo('client.example.net')
    encode = lambda data: base64.b64encode(data).decode()
    def scram():
        first = f'n={user},r={encode(os.urandom(12))}'
        code, text = smtp.docmd('AUTH', 'SCRAM-SHA-256 ' + encode(('n,,' + first).encode()))
        answer = base64.b64decode(text).decode()
        fields = dict(field.split('=', 1) for field in answer.split(','))
        if mechanism == 'SALT': print(answer.split(',', 1)[1]); sys.exit()
        salted = hashlib.pbkdf2_hmac('sha256', password.encode(), base64.b64decode(fields['s']), int(fields['i']))
        mac = lambda key, text: hmac.new(key, text.encode(), 'sha256').digest()
        key = mac(salted, 'Client Key')
        last = 'c=biws,r=' + fields['r']
        signed = f'{first},{answer},{last}'
        proof = bytes(a ^ b for a, b in zip(key, mac(hashlib.sha256(key).digest(), signed)))
        code, text = smtp.docmd(encode(f'{last},p={encode(proof)}'.encode()))
        if code == 334:
            assert base64.b64decode(text).decode() == 'v=' + encode(mac(mac(salted, 'Server Key'), signed))
            code, text = smtp.docmd('')
        return code, text
    def login():
        smtp.docmd('AUTH', 'LOGIN ' + encode(user.encode()))
        return smtp.docmd(encode(password.encode()))
    if mechanism == 'PLAIN':
        code, text = smtp.docmd('AUTH', 'PLAIN ' + encode(f'\\0{user}\\0{password}'.encode()))
    elif mechanism == 'LOGIN': code, text = login()
    else: code, text = scram()
    if code != 235: print(code, text.decode()); sys.exit()
    print(code)
    print(smtp.mail('carol@example.com')[0])
    smtp.mail('alice@example.com' if user.startswith('alice') else user)
    print(smtp.rcpt('dan@example.net')[0])
    smtp.rcpt('bob@example.com')
    print(smtp.data(b'From: Alice <alice@example.com>\\r\\nSubject: fruit\\r\\n\\r\\noranges\\r\\n')[0])
    """

  /// As programs do it that use the library as it is.
  private static let login = """
    import smtplib, ssl, sys
    door, certificate, name, token = sys.argv[1:]
    host, port = door.rsplit(':', 1)
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    if name == 'submissions': smtp = smtplib.SMTP_SSL(host, int(port), context=context)
    else:
        smtp = smtplib.SMTP(host, int(port))
        smtp.starttls(context=context)
    print(smtp.login('alice@example.com', token)[0])
    print(smtp.sendmail('alice@example.com', ['bob@example.com'], 'Subject: fruit\\r\\n\\r\\noranges\\r\\n'))
    """

  private static let injection = """
    import base64, socket, ssl, sys
    host, port = sys.argv[1].rsplit(':', 1)
    login = b'AUTH PLAIN ' + base64.b64encode('\\0alice@example.com\\0Grüße 9'.encode()) + b'\\r\\n'
    channel = socket.create_connection((host, int(port)), 60)
    def reply():
        line = b''
        while True:
            byte = channel.recv(1)
            line += byte
            if not byte or line.endswith(b'\\n'):
                if line[3:4] != b'-': return line.decode().strip()
                line = b''
    reply()
    channel.sendall(b'EHLO c\\r\\n'); reply()
    channel.sendall(login); print(reply())
    channel.sendall(b'MAIL FROM:<alice@example.com>\\r\\n'); print(reply())
    channel.sendall(b'STARTTLS\\r\\nEHLO mallory\\r\\n' + login + b'MAIL FROM:<alice@example.com>\\r\\n'); print(reply())
    context = ssl.create_default_context(cafile=sys.argv[2])
    channel = context.wrap_socket(channel, server_hostname='mx.example.com')
    channel.sendall(b'MAIL FROM:<alice@example.com>\\r\\n'); print(reply())
    channel.sendall(b'EHLO c\\r\\n'); reply()
    channel.sendall(b'MAIL FROM:<alice@example.com>\\r\\n'); print(reply())
    """
}
