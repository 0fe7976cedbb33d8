"""Status documents made for tests, by text, and events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from data_contracts.history import Actor, Event, Payment, Reason
from data_contracts.statuses import StatusFormat
from pipelines.acknowledgment.cdar_frame import QDT, RAM, RSM, UDT

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
SUPPLIER, RECIPIENT = "00000000169959", "00000000169991"


def cpp_unit(
    code: str = "06",
    *,
    number: str = "F1",
    at: str = "2026-10-05T14:00:00+02:00",
    comment: str = "JUSTIF_ABS : il manque le bon de livraison",
    more: str = "",
    order: int = 1,
) -> str:
    said = f"<Commentaire>{comment}</Commentaire>" if comment else ""
    return (
        f'<CPPFactureStatutUnitaire NumOrdre="{order}"><Fournisseur><TypeIdentifiant>1</TypeIdentifiant>'
        f"<Identifiant>{SUPPLIER}</Identifiant><RaisonSociale>Papeterie</RaisonSociale></Fournisseur><Debiteur>"
        f"<TypeIdentifiant>1</TypeIdentifiant><Identifiant>{RECIPIENT}</Identifiant></Debiteur><DonneesStatut>"
        f"<IdStatut>{code}</IdStatut>{said}<Horodatage>{at}</Horodatage><IdFacture>{number}</IdFacture>{more}"
        "</DonneesStatut></CPPFactureStatutUnitaire>"
    )


def cpp(units: Iterable[str], *, count: str = "", holder: str = "CPPFactureStatuts") -> bytes:
    told = list(units)
    parameters = "".join(
        f'<ParametreIndiv NumOrdre="000{n}"><Code>{code}</Code><Valeurparametre>{value}</Valeurparametre>'
        "</ParametreIndiv>"
        for n, (code, value) in enumerate((("DtPrd", "2026-10-05"), ("IdFlx", "ABC1231301000000000000001")), start=1)
    )
    return (
        f'<CPPStatut><Enveloppe><EnveloppeUnitaire NumOrdre="1"><Parametres>{parameters}</Parametres><Partenaires>'
        "<Recepteur><Id>RLS001</Id></Recepteur><Emetteur><Id>ABC123</Id></Emetteur></Partenaires></EnveloppeUnitaire>"
        f'</Enveloppe><{holder} compteur="{count or len(told)}">{"".join(told)}</{holder}></CPPStatut>'
    ).encode()


def cdar_reference(
    code: str = "204", *, number: str = "F1", reasons: str = "", type_code: str = "380", issued: str = "20261001"
) -> str:
    return (
        f"<ram:ReferenceReferencedDocument><ram:IssuerAssignedID>{number}</ram:IssuerAssignedID><ram:TypeCode>"
        f"{type_code}</ram:TypeCode><ram:FormattedIssueDateTime><qdt:DateTimeString format='102'>{issued}"
        f"</qdt:DateTimeString></ram:FormattedIssueDateTime><ram:ProcessConditionCode>{code}</ram:ProcessConditionCode>"
        "<ram:IssuerTradeParty><ram:GlobalID schemeID='0002'>100000009</ram:GlobalID></ram:IssuerTradeParty>"
        f"{reasons}</ram:ReferenceReferencedDocument>"
    )


def cdar(references: Iterable[str], *, at: str = "20261005140000", type_code: str = "23", to: str = "") -> bytes:
    recipient = to or (
        "<ram:GlobalID schemeID='0002'>100000009</ram:GlobalID><ram:RoleCode>SE</ram:RoleCode>"
        "<ram:URIUniversalCommunication><ram:URIID schemeID='0225'>100000009_STATUTS</ram:URIID>"
        "</ram:URIUniversalCommunication>"
    )
    process = "" if "0238" in recipient else (
        "<ram:BusinessProcessSpecifiedDocumentContextParameter><ram:ID>REGULATED</ram:ID>"
        "</ram:BusinessProcessSpecifiedDocumentContextParameter>"
    )  # fmt: skip
    return (
        f"<rsm:CrossDomainAcknowledgementAndResponse xmlns:rsm='{RSM}' xmlns:ram='{RAM}' xmlns:udt='{UDT}'"
        f" xmlns:qdt='{QDT}'><rsm:ExchangedDocumentContext>{process}<ram:GuidelineSpecifiedDocumentContextParameter>"
        "<ram:ID>urn.cpro.gouv.fr:1p0:CDV:invoice</ram:ID></ram:GuidelineSpecifiedDocumentContextParameter>"
        "</rsm:ExchangedDocumentContext><rsm:ExchangedDocument><ram:ID>M1</ram:ID><ram:SenderTradeParty>"
        "<ram:RoleCode>WK</ram:RoleCode></ram:SenderTradeParty><ram:IssuerTradeParty><ram:GlobalID schemeID='0002'>"
        "200000008</ram:GlobalID><ram:RoleCode>BY</ram:RoleCode></ram:IssuerTradeParty><ram:RecipientTradeParty>"
        f"{recipient}</ram:RecipientTradeParty></rsm:ExchangedDocument><rsm:AcknowledgementDocument><ram:TypeCode>"
        f"{type_code}</ram:TypeCode><ram:IssueDateTime><udt:DateTimeString format='204'>{at}</udt:DateTimeString>"
        f"</ram:IssueDateTime>{''.join(references)}</rsm:AcknowledgementDocument>"
        "</rsm:CrossDomainAcknowledgementAndResponse>"
    ).encode()


def cdar_reason(code: str, *, note: str = "", more: str = "") -> str:
    noted = f"<ram:IncludedNote><ram:Content>{note}</ram:Content></ram:IncludedNote>" if note else ""
    return (
        f"<ram:SpecifiedDocumentStatus><ram:ReasonCode>{code}</ram:ReasonCode><ram:SequenceNumeric>1"
        f"</ram:SequenceNumeric>{noted}{more}</ram:SpecifiedDocumentStatus>"
    )


def cashed(*amounts: tuple[str, str]) -> str:
    data = "".join(
        f"<ram:SpecifiedDocumentCharacteristic><ram:TypeCode>MEN</ram:TypeCode><ram:ValueAmount currencyID='EUR'>"
        f"{amount}</ram:ValueAmount><ram:ValuePercent>{rate}</ram:ValuePercent></ram:SpecifiedDocumentCharacteristic>"
        for amount, rate in amounts
    )
    return (
        f"<ram:SpecifiedDocumentStatus><ram:SequenceNumeric>1</ram:SequenceNumeric>{data}</ram:SpecifiedDocumentStatus>"
    )


def event(
    code: str,
    minutes: int = 0,
    *,
    format: StatusFormat = StatusFormat.CDAR_INVOICE,
    key: str = "",
    told: int = 0,
    reasons: tuple[Reason, ...] = (),
    payments: tuple[Payment, ...] = (),
    comment: str = "",
    mandate: str = "",
    source: str = "FSO1304A_ABC123_ABC1231304000000000000001",
) -> Event:
    """An event some minutes after noon, told some minutes later."""
    return Event(
        event_key=key or f"{format.value} {code} {minutes}",
        flow_key="f" * 64,
        position=1,
        format=format,
        code=code,
        at=NOON + timedelta(minutes=minutes),
        recorded_at=NOON + timedelta(minutes=minutes + told),
        actor=Actor.RECIPIENT,
        actor_code="200000008",
        reasons=reasons,
        payments=payments,
        comment=comment,
        mandate_number=mandate,
        source_flow_key="s" * 64 if source else "",
        source_name=source,
    )
