"""Mail over SMTP: one connection for many messages, opened when needed, encrypted as the settings say.

Limit    SMTP has no way to ask whether a message was taken. If the connection breaks after the last byte and before the
         answer, nobody can know: such a message is UNCERTAIN, and its next attempt bears the same Message-ID.
"""

from __future__ import annotations

import smtplib
import ssl
from types import TracebackType

from connectors.mail_settings import MailSettings, Security
from data_contracts.errors import ConfigurationError, MailUnavailable
from data_contracts.mail import Mail, MailOutcome, MailResult

DETAIL_CHARACTERS_MAX = 200
"""Characters of a server's answer that are kept."""

_GOING_AWAY = 421
_TAKEN, _BEGIN_DATA = 250, 354


class SmtpSender:
    """`data_contracts.mail.MailSender` over SMTP. Not for threads at once."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._client: smtplib.SMTP | None = None

    def __enter__(self) -> SmtpSender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, mail: Mail) -> MailResult:
        """What became of the message. Errors as of the port."""
        fresh = self._client is None
        try:
            return self._sent(mail)
        except smtplib.SMTPServerDisconnected:
            # A server closes connections that waited too long. Nothing of this message had been sent.
            self._drop()
            if fresh:
                raise self._away("the connection was closed") from None
        try:
            return self._sent(mail)
        except smtplib.SMTPServerDisconnected:
            self._drop()
            raise self._away("the connection was closed") from None

    def close(self) -> None:
        """Nothing; the connection is closed, and opened again when needed."""
        client, self._client = self._client, None
        if client is not None:
            try:
                client.quit()
            except (OSError, smtplib.SMTPException):
                client.close()

    def _sent(self, mail: Mail) -> MailResult:
        """Errors: SMTPServerDisconnected while nothing of the message was sent."""
        client = self._connected()
        try:
            refused = self._addressed(client, mail)
            if refused is not None:
                return refused
            code, said = client.docmd("DATA")
        except smtplib.SMTPServerDisconnected:
            raise
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise self._away(_told(error)) from error
        if code != _BEGIN_DATA:
            return self._turned_away(client, code, said)
        return self._handed_over(client, mail)

    def _addressed(self, client: smtplib.SMTP, mail: Mail) -> MailResult | None:
        """Why the recipient gets no mail now; None when the server waits for the message."""
        code, said = client.mail(mail.sender)
        if code != _TAKEN:
            if 500 <= code < 600:
                self._drop()
                raise ConfigurationError(
                    "the mail server refuses our sender's address",
                    where=self._place,
                    value=f"{code} {_line(said)}",
                    remedy="write in mail.toml an address that this server lets us send from",
                )
            return self._turned_away(client, code, said)
        code, said = client.rcpt(mail.recipient)
        return None if code in (250, 251) else self._turned_away(client, code, said)

    def _handed_over(self, client: smtplib.SMTP, mail: Mail) -> MailResult:
        """From the first byte of the message on, a break leaves it open whether it was taken."""
        try:
            client.send(_stuffed(mail.content))
            code, said = client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return MailResult(MailOutcome.UNCERTAIN, _told(error))
        if code == _TAKEN:
            return MailResult(MailOutcome.SENT, f"{code} {_line(said)}")
        return self._turned_away(client, code, said)

    def _turned_away(self, client: smtplib.SMTP, code: int, said: bytes) -> MailResult:
        detail = f"{code} {_line(said)}"
        if code == _GOING_AWAY:
            self._drop()
            raise self._away(detail)
        try:
            client.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()
        # An answer that is neither yes nor no for good is a no for now.
        return MailResult(MailOutcome.REFUSED if 500 <= code < 600 else MailOutcome.DEFERRED, detail)

    @property
    def _place(self) -> str:
        return f"{self._settings.server}:{self._settings.port}"

    def _connected(self) -> smtplib.SMTP:
        if self._client is None:
            try:
                self._client = self._opened()
            except ssl.SSLCertVerificationError as error:
                raise ConfigurationError(
                    "the mail server's certificate is not to be trusted",
                    where=self._place,
                    value=error.verify_message,
                    remedy="name its authority as ca_file in mail.toml, or the server by the name of its certificate",
                ) from error
            except (OSError, smtplib.SMTPException) as error:
                raise self._away(_told(error)) from error
        return self._client

    def _opened(self) -> smtplib.SMTP:
        settings, client = self._settings, None
        try:
            if settings.security is Security.TLS:
                client = smtplib.SMTP_SSL(
                    settings.server, settings.port, timeout=settings.timeout_seconds, context=self._trust()
                )
            else:
                client = smtplib.SMTP(settings.server, settings.port, timeout=settings.timeout_seconds)
            client.ehlo_or_helo_if_needed()
            if settings.security is Security.STARTTLS:
                self._encrypt(client)
            self._log_in(client)
        except BaseException:
            if client is not None:
                client.close()
            raise
        return client

    def _encrypt(self, client: smtplib.SMTP) -> None:
        if not client.has_extn("starttls"):
            raise ConfigurationError(
                "the mail server offers no encryption",
                where=self._place,
                remedy='find out who answers there; use security = "tls" if it encrypts from the first byte',
            )
        client.starttls(context=self._trust())
        client.ehlo()

    def _log_in(self, client: smtplib.SMTP) -> None:
        settings = self._settings
        if settings.password_file is None:
            return
        password = settings.password_file.read_text(encoding="utf-8").rstrip("\r\n")
        try:
            client.login(settings.user, password)
        except smtplib.SMTPNotSupportedError as error:
            raise ConfigurationError(
                "the mail server knows no login", where=self._place, remedy="take user and password_file out"
            ) from error
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code < 500:
                raise
            raise ConfigurationError(
                "the mail server refuses our login",
                where=self._place,
                value=str(error.smtp_code),
                remedy="correct user and password_file in mail.toml",
            ) from error

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.ca_file)

    def _away(self, said: str) -> MailUnavailable:
        return MailUnavailable(
            "the mail server does not take mail now", where=self._place, value=said, remedy="the next run tries again"
        )

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _stuffed(content: bytes) -> bytes:
    """The message as it goes over the wire: a line that begins with a point gets another. RFC 5321 4.5.2."""
    body = content.replace(b"\r\n.", b"\r\n..")
    if body.startswith(b"."):
        body = b"." + body
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


def _line(said: bytes) -> str:
    text = " ".join(said.decode("utf-8", "replace").split())
    shown = "".join(character if character.isprintable() else "�" for character in text)
    return shown[:DETAIL_CHARACTERS_MAX]


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {_line(said if isinstance(said, bytes) else str(said).encode())}"
    return (str(error) or type(error).__name__)[:DETAIL_CHARACTERS_MAX]
