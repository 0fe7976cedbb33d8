"""Mail over a real server: taken, refused, put off, cut; encrypted, logged in, or turned away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.mail_settings import MailSettings, Security, read_mail_settings
from connectors.smtp import SmtpSender
from data_contracts.errors import ConfigurationError, MailUnavailable
from data_contracts.mail import Mail, MailOutcome, address
from tests.connectors.mail_server import PASSWORD, USER, Inbox, certified, mail_server

SENDER = "notifications@relais.example"
HERE = MailSettings("127.0.0.1", 25, Security.NONE, SENDER, timeout_seconds=10)


def mail(recipient: str = "agent@ville.example", body: bytes = b"Bonjour\r\n") -> Mail:
    content = b"Subject: x\r\nMessage-ID: <1@relais.example>\r\n\r\n" + body
    return Mail("<1@relais.example>", SENDER, recipient, content)


def test_many_messages_go_over_one_connection_as_they_are() -> None:
    inbox = Inbox()
    bodies = [b".begins with a point\r\n..two\r\n.\r\nend\r\n", "é€𝄞\r\n".encode(), b"no newline at the end"]
    with mail_server(inbox) as port, SmtpSender(replace(HERE, port=port)) as sender:
        outcomes = [sender.send(mail(body=body)).outcome for body in bodies]
    assert outcomes == [MailOutcome.SENT] * 3
    received = [envelope.original_content for envelope in inbox.taken]
    expected = [mail(body=body).content for body in bodies]
    assert received == [content if content.endswith(b"\r\n") else content + b"\r\n" for content in expected]
    assert {envelope.mail_from for envelope in inbox.taken} == {SENDER}


def test_a_refused_recipient_and_one_put_off_have_their_own_outcome() -> None:
    inbox = Inbox(recipients={"gone@ville.example": "550 5.1.1 no such user", "full@ville.example": "452 4.2.2 full"})
    with mail_server(inbox) as port, SmtpSender(replace(HERE, port=port)) as sender:
        results = [sender.send(mail(to)) for to in ("gone@ville.example", "full@ville.example", "agent@ville.example")]
    assert [result.outcome for result in results] == [MailOutcome.REFUSED, MailOutcome.DEFERRED, MailOutcome.SENT]
    assert results[0].detail == "550 5.1.1 no such user"
    assert [envelope.rcpt_tos for envelope in inbox.taken] == [["agent@ville.example"]]


def test_the_message_itself_may_be_refused_or_put_off() -> None:
    answers = {1: "451 4.3.0 later", 2: "554 5.7.1 spam", 3: "250 OK"}
    inbox = Inbox(data=lambda number: answers[number])
    with mail_server(inbox) as port, SmtpSender(replace(HERE, port=port)) as sender:
        outcomes = [sender.send(mail()).outcome for _ in answers]
    assert outcomes == [MailOutcome.DEFERRED, MailOutcome.REFUSED, MailOutcome.SENT]


def test_a_break_after_the_last_byte_is_uncertain_and_the_next_mail_goes_on() -> None:
    inbox = Inbox(cut_before_answer={1})
    with mail_server(inbox) as port, SmtpSender(replace(HERE, port=port)) as sender:
        outcomes = [sender.send(mail()).outcome for _ in range(2)]
    assert outcomes == [MailOutcome.UNCERTAIN, MailOutcome.SENT]
    assert len(inbox.taken) == 2


def test_a_server_that_goes_away_is_unavailable_and_nothing_is_lost() -> None:
    inbox = Inbox(recipients={"agent@ville.example": "421 shutting down"})
    with mail_server(inbox) as port, SmtpSender(replace(HERE, port=port)) as sender:
        with pytest.raises(MailUnavailable, match="421"):
            sender.send(mail())
        inbox.recipients.clear()
        assert sender.send(mail()).outcome is MailOutcome.SENT
    with pytest.raises(MailUnavailable), SmtpSender(replace(HERE, port=port)) as sender:
        sender.send(mail())


def test_a_connection_that_waited_too_long_is_opened_again() -> None:
    inbox = Inbox()
    sender = SmtpSender(HERE)
    with mail_server(inbox) as port:
        sender = SmtpSender(replace(HERE, port=port))
        assert sender.send(mail()).outcome is MailOutcome.SENT
        assert sender._client is not None
        assert sender._client.sock is not None
        sender._client.sock.close()
        sender._client.sock = None
        assert sender.send(mail()).outcome is MailOutcome.SENT
        sender.close()
    assert len(inbox.taken) == 2


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")  # TLS from the first byte
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_encrypted_and_logged_in(security: Security, tmp_path: Path) -> None:
    context, authority = certified(tmp_path)
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n")
    inbox = Inbox()
    running = (
        mail_server(inbox, tls=context, login=True)
        if security is Security.TLS
        else mail_server(inbox, starttls=context, login=True)
    )
    with running as port:
        settings = replace(HERE, port=port, security=security, ca_file=authority, user=USER, password_file=password)
        with SmtpSender(settings) as sender:
            assert sender.send(mail()).outcome is MailOutcome.SENT
        with SmtpSender(replace(settings, ca_file=None)) as sender, pytest.raises(ConfigurationError, match="trusted"):
            sender.send(mail())
        password.write_text("wrong")
        with SmtpSender(settings) as sender, pytest.raises(ConfigurationError, match="login") as told:
            sender.send(mail())
        assert "wrong" not in str(told.value)
    assert len(inbox.taken) == 1


def test_a_server_without_encryption_gets_nothing_and_a_refused_sender_is_ours_to_correct() -> None:
    inbox = Inbox(senders={SENDER: "553 not yours"})
    with mail_server(inbox) as port:
        with (
            SmtpSender(replace(HERE, port=port, security=Security.STARTTLS)) as sender,
            pytest.raises(ConfigurationError, match="no encryption"),
        ):
            sender.send(mail())
        with SmtpSender(replace(HERE, port=port)) as sender, pytest.raises(ConfigurationError, match="sender"):
            sender.send(mail())
    assert not inbox.taken


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[mail]\nserver="mx.example"\nsender="a@b.fr"\nsecurity="none"', "in the clear"),
        ('[mail]\nserver="127.0.0.1"\nsender="a@b.fr\\r\\nBcc: x@y.fr"', "sender is not"),
        ('[mail]\nserver="127.0.0.1"\nsender="a@b.fr"\nuser="x"', "belong together"),
        ('[mail]\nserver="127.0.0.1"\nsender="a@b.fr"\nport=0', "whole number"),
        ('[mail]\nserver="127.0.0.1"\nsender="a@b.fr"\nhost="x"', "unknown"),
        ("server=1", "one table"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(text: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "mail.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=named):
        read_mail_settings(tmp_path)


def test_settings_are_read_and_none_is_none(tmp_path: Path) -> None:
    assert read_mail_settings(tmp_path) is None
    (tmp_path / "mail.toml").write_text('[mail]\nserver="mx.example"\nsender="a@b.fr"\n')
    assert read_mail_settings(tmp_path) == MailSettings("mx.example", 587, Security.STARTTLS, "a@b.fr")


@pytest.mark.parametrize(
    "text",
    ["a@b.fr\r\nRCPT TO:<x@y.fr>", "a b@c.fr", "<a@b.fr>", "a@b", "é@b.fr", "a@é.fr", '"a b"@c.fr', "a@b.fr ",
     "a..b@c.fr", "a" * 65 + "@b.fr", "a@" + "b" * 64 + ".fr", "", "a@[127.0.0.1]", "a@-b.fr", "a@b.fr\n"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="mail address"):
        address(text)


@pytest.mark.parametrize("text", ["a@b.fr", "first.last+tag@sub.town.example", "x@xn--caf-dma.fr"])
def test_addresses_are_taken_as_they_are(text: str) -> None:
    assert address(text) == text
