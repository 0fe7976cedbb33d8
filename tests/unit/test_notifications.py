"""What mails say: bounded, the same bytes for the same facts, and safe whatever partners write."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from connectors.mail_settings import FILE_NAME, read_mail_settings
from connectors.notification_register import NOTIFICATIONS, read_subscriptions
from data_contracts.history import Actor, Event, Payment, Phase, Reason
from data_contracts.messages import Language
from data_contracts.notifications import Count, Frequency, Role, Subscription, Window
from data_contracts.statuses import StatusFormat
from pipelines.notifications.gathering import ENTRIES_MAX, GROUPS, Entry, Gathering
from pipelines.notifications.message import message
from pipelines.notifications.page_text import page_text
from pipelines.notifications.plain import money
from pipelines.notifications.stage import due
from pipelines.notifications.wording import digest_page
from tests.unit.answer_values import ODD_TEXTS
from tests.unit.rows import FLOW_KEY, NOON, invoice

DOCS = Path(__file__).resolve().parents[2] / "docs" / "notifications.md"
STRUCTURE = "21750001600019"
AGENT = Subscription("agent@ville.example", Language.FR, Role.USER, Frequency.DAILY, structure=STRUCTURE)
BILLER = Subscription("billing@elc.example", Language.FR, Role.USER, Frequency.DAILY, partner_code="AAA111")
SENDER = "notifications@relais.example"
TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "strong", "br", "footer"}
NOTHING: tuple[Count, ...] = ()


def event(code: str = "03", **changes: Any) -> Event:
    values: dict[str, Any] = {
        "event_key": "k", "flow_key": FLOW_KEY, "position": 0, "format": StatusFormat.CPP_INVOICE, "code": code,
        "at": NOON, "recorded_at": NOON, "actor": Actor.RECIPIENT, "actor_code": "",
    }  # fmt: skip
    return Event(**(values | changes))


def entry(code: str = "03", row: dict[str, Any] | None = None, **changes: Any) -> Entry:
    return Entry(event(code, **changes), invoice(**(row or {})), "AAA111")


def told(*entries: Entry, to: Subscription = AGENT, standing: tuple[Count, ...] = NOTHING) -> str:
    gathering = Gathering([to], Frequency.DAILY)
    for one in entries:
        gathering.add(one)
    (gathered,) = gathering.told()
    return page_text(digest_page(gathered, standing, Frequency.DAILY, NOON))


def written(*entries: Entry, language: Language = Language.FR) -> bytes:
    to = Subscription("agent@ville.example", language, Role.USER, Frequency.DAILY, structure=STRUCTURE)
    gathering = Gathering([to], Frequency.DAILY)
    for one in entries:
        gathering.add(one)
    page = digest_page(gathering.told()[0], NOTHING, Frequency.DAILY, NOON)
    return message(page, sender=SENDER, recipient=to.address, at=NOON).content


def read(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(content: bytes, subtype: str) -> str:
    part = read(content).get_body((subtype,))
    assert part is not None
    text: str = part.get_content()
    return text


@settings(max_examples=30)
@given(odd=st.lists(ODD_TEXTS, min_size=8, max_size=8), language=st.sampled_from(list(Language)))
def test_no_text_from_outside_becomes_a_header_a_line_or_markup(odd: list[str], language: Language) -> None:
    reasons = (Reason(odd[0], odd[1]),)
    row = {"seller_name": odd[2], "number": odd[3], "service_code": odd[4], "buyer_name": odd[5], "currency": odd[6]}
    one = entry(odd[7] or "x", row, reasons=reasons, comment=odd[1], mandate_number=odd[2])
    content = written(one, language=language)
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    found = read(content)
    assert sorted(found.keys()) == [
        "Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject",
        "To",
    ]  # fmt: skip
    assert found["To"] == "agent@ville.example"
    assert written(one, language=language) == content
    assert {node.tag for node in html.fromstring(body(content, "html")).iter()} <= TAGS


def test_a_name_cannot_break_out() -> None:
    hostile = 'Evil\r\nBcc: all@ville.example\r\n\r\n<script>alert("x")</script>\u202egnp.exe'
    content = written(entry(row={"seller_name": hostile, "number": "1\r\n.\r\nMAIL FROM:<x@y.fr>"}))
    assert read(content)["Bcc"] is None
    text = body(content, "plain")
    assert "Facture 1 . MAIL FROM:<x@y.fr> de Evil Bcc: all@ville.example <script>" in text
    assert "\\u202egnp.exe" in text
    assert "<script>" not in body(content, "html")
    assert not [line for line in text.splitlines() if line.startswith(("Bcc", "."))]


def test_headers_take_no_address_that_is_none() -> None:
    gathering = Gathering([AGENT], Frequency.DAILY)
    gathering.add(entry())
    page = digest_page(gathering.told()[0], NOTHING, Frequency.DAILY, NOON)
    for wrong in ("a@b.fr\r\nBcc: x@y.fr", "a@b.fr, x@y.fr", ""):
        with pytest.raises(ValueError, match="mail address"):
            message(page, sender=SENDER, recipient=wrong, at=NOON)


def test_the_message_id_follows_from_what_is_said() -> None:
    def made(at: datetime, *entries: Entry) -> str:
        gathering = Gathering([AGENT], Frequency.DAILY)
        for one in entries:
            gathering.add(one)
        page = digest_page(gathering.told()[0], NOTHING, Frequency.DAILY, at)
        return message(page, sender=SENDER, recipient=AGENT.address, at=at).message_id

    first = made(NOON, entry())
    assert first == made(NOON, entry())
    assert len({first, made(NOON, entry("06")), made(NOON + timedelta(days=1), entry())}) == 3
    assert first.endswith("@relais.example>")


def test_a_long_digest_shows_the_first_of_each_group_and_counts_the_rest() -> None:
    many = [entry("03") for _ in range(ENTRIES_MAX + 7)] + [entry("06") for _ in range(3)] + [entry("08")]
    text = told(*many)
    assert text.count("* Facture") == ENTRIES_MAX + 3
    assert "En cours (38)" in text.replace("\u202f", "").replace("\xa0", "")
    assert "Et 8 de plus : Mise à disposition : 7, En cours de traitement : 1." in text
    assert text.index("À traiter (3)") < text.index("En cours (38)")


def test_a_comment_is_whole_up_to_two_thousand_characters_and_a_cut_is_said() -> None:
    whole = "é" * 2_000
    assert whole in told(entry("06", comment=whole))
    cut = told(entry("06", comment=whole + "àà"))
    assert whole in cut
    assert "à" * 2 not in cut
    assert "encore 2 caractères" in cut


def test_status_motive_mandate_and_payment_are_told_with_their_meaning() -> None:
    reasons = (Reason("REJ_SEMAN"), Reason("XX_UNKNOWN", "said by hand"))
    payments = (Payment("MPA", Decimal("1234567.5"), "EUR"),)
    text = told(entry("08", reasons=reasons, mandate_number="M-77", payments=payments), to=BILLER)
    assert "Mandatée (08), le 20/11/2026 à 13:00" in text
    assert "Le destinataire a ordonné le paiement" in text
    assert "Suite : Le comptable va contrôler et payer ; garder le numéro de mandat" in text
    assert "Motif REJ_SEMAN : La facture ne respecte pas les règles de contenu." in text
    assert "Motif XX_UNKNOWN : said by hand" in text
    assert "Mandat M-77" in text
    assert "Montant : 1\u202f234\u202f567,50 EUR" in text


def test_what_comes_next_is_told_to_suppliers_alone() -> None:
    assert "Suite : " in told(entry("06"), to=BILLER)
    assert "Suite : " not in told(entry("06"))


def test_what_has_neither_number_nor_name_is_told_by_its_file() -> None:
    row = {"number": None, "seller_name": None, "seller_id": None, "payable_amount": None}
    assert "Fichier invoice-1.xml de un fournisseur non nommé" in told(entry("01", row))


@pytest.mark.parametrize(
    ("changes", "code", "actor", "expected"),
    [
        ({}, "03", Actor.PLATFORM, 1),
        ({"service": "S1"}, "03", Actor.PLATFORM, 0),
        ({"service": "COMPTA"}, "03", Actor.PLATFORM, 1),
        ({"structure": "1" * 14}, "03", Actor.PLATFORM, 0),
        ({"structure": "", "partner_code": "AAA111"}, "05", Actor.PLATFORM, 1),
        ({}, "05", Actor.PLATFORM, 0),
        ({}, "05", Actor.RECIPIENT, 1),
        ({"phases": frozenset({Phase.SUSPENDED})}, "03", Actor.PLATFORM, 0),
        ({"phases": frozenset({Phase.SUSPENDED})}, "06", Actor.RECIPIENT, 1),
        ({"frequency": Frequency.AT_ONCE}, "03", Actor.PLATFORM, 0),
        ({"frequency": Frequency.NEVER}, "03", Actor.PLATFORM, 0),
    ],
)
def test_who_is_told_what(changes: dict[str, Any], code: str, actor: Actor, expected: int) -> None:
    values: dict[str, Any] = {"structure": STRUCTURE, **changes}
    frequency = values.pop("frequency", Frequency.DAILY)
    gathering = Gathering([Subscription("a@b.fr", Language.FR, Role.USER, frequency, **values)], Frequency.DAILY)
    gathering.add(entry(code, {"service_code": "COMPTA"}, actor=actor))
    assert sum(one.count for one in gathering.told()) == expected


def test_one_address_is_told_once_of_what_concerns_it_twice() -> None:
    both = [
        AGENT,
        Subscription(AGENT.address, Language.FR, Role.PRINCIPAL_MANAGER, Frequency.DAILY, partner_code="AAA111"),
    ]
    gathering = Gathering(both, Frequency.DAILY)
    gathering.add(entry())
    (gathered,) = gathering.told()
    assert (gathered.count, gathered.role) == (1, Role.PRINCIPAL_MANAGER)
    standing = (
        Count(STRUCTURE, "", "AAA111", Phase.MADE_AVAILABLE, 4),
        Count("1" * 14, "", "AAA111", Phase.UNKNOWN, 2),
    )
    text = page_text(digest_page(gathered, standing, Frequency.DAILY, NOON))
    assert "Factures en cours à présent : 6" in text
    assert "Raccordement AAA111 : 6 en cours" in text
    assert f"Structure {STRUCTURE} : 4 en cours" in text


def test_every_phase_has_a_group_and_is_told_in_both_languages() -> None:
    assert GROUPS.keys() == set(Phase)
    for language in Language:
        standing = tuple(Count(STRUCTURE, "", "AAA111", phase, 1) for phase in Phase)
        to = Subscription("a@b.fr", language, Role.MANAGER, Frequency.DAILY, structure=STRUCTURE)
        assert told(entry(), to=to, standing=standing)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**19), max_value=10**19))
def test_amounts_are_exact_whatever_the_language(amount: Decimal) -> None:
    shown = money(amount, "EUR", Language.FR)
    assert Decimal(shown.removesuffix(" EUR").replace("\u202f", "").replace(",", ".")) == amount
    shown = money(amount, "", Language.EN)
    assert Decimal(shown.replace(",", "")) == amount


def test_daily_mails_go_out_once_a_day_from_seven_in_paris() -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    def last(text: str) -> Window:
        return Window(Frequency.DAILY, 0, 0, at(text))

    assert not due(Frequency.DAILY, None, at("2026-11-20T05:59"))
    assert due(Frequency.DAILY, None, at("2026-11-20T06:00"))
    assert not due(Frequency.DAILY, last("2026-11-20T06:00"), at("2026-11-20T22:59"))
    assert not due(Frequency.DAILY, last("2026-11-20T06:00"), at("2026-11-21T05:00"))
    assert due(Frequency.DAILY, last("2026-11-20T22:30"), at("2026-11-21T06:00"))
    assert due(Frequency.AT_ONCE, last("2026-11-20T06:00"), at("2026-11-20T06:00"))
    assert not due(Frequency.NEVER, None, at("2026-11-20T12:00"))


def test_the_documented_register_and_settings_are_read(tmp_path: Path) -> None:
    text = DOCS.read_text(encoding="utf-8")
    for language, name in (("csv", NOTIFICATIONS), ("toml", FILE_NAME)):
        (example,) = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
        (tmp_path / name).write_text(example, encoding="utf-8")
    for name in ("mail.password", "ca.pem"):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o600)
    assert [one.frequency for one in read_subscriptions(tmp_path)] == [
        Frequency.AT_ONCE, Frequency.AT_ONCE, Frequency.DAILY,
    ]  # fmt: skip
    mail = read_mail_settings(tmp_path)
    assert mail is not None
    assert (mail.port, mail.user) == (587, "relais")
