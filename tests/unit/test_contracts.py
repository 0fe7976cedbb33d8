"""The contracts: names, catalogue, codes, tables, errors."""

from __future__ import annotations

import pickle
from importlib.metadata import packages_distributions

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import answers, errors, refusals, tables
from data_contracts.envelope import ENVELOPE_NAME_CHARACTERS, SEQUENCE_MAX, EnvelopeName, parsed
from data_contracts.errors import ContractBroken
from data_contracts.interfaces import CATALOGUE, Circuit, Content, Direction, Syntax, inbound
from data_contracts.messages import Sentences
from data_contracts.motives import MOTIVES
from data_contracts.partners import Partner, Partners
from data_contracts.refusals import FlowRefused
from data_contracts.rule_sets import POLICIES, checks, facturx_profile
from data_contracts.statuses import CDAR_INVOICE, PLATFORM_STATUSES, StatusFormat, status

CODES = st.sampled_from(sorted(CATALOGUE))
APPLICATION = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=6, max_size=6)


@given(CODES, APPLICATION, APPLICATION, st.integers(0, SEQUENCE_MAX))
def test_an_envelope_name_reads_back_as_it_was_written(code: str, partner: str, emitter: str, sequence: int) -> None:
    name = EnvelopeName(code, partner, emitter, sequence)
    assert len(str(name)) == ENVELOPE_NAME_CHARACTERS
    assert parsed(str(name)) == name
    assert name.flow_id == str(name)[16:]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "FSO1100A_XXX999_XXX9991100000000000000001.xml",
        "FSO1100A_XXX999_XXX999110000000000000001",
        "FSO1100A_XXX999_XXX9991101000000000000001",
        "fso1100a_XXX999_XXX9991100000000000000001",
        "FSO1100A-XXX999-XXX9991100000000000000001",
        "FSO1100A_XXX999_XXX9991100000000000000001\n",
        "FSO1100A_XXX999_XXX999110000000000000000١",
    ],
)
def test_a_name_off_the_grammar_is_refused_with_its_remedy(name: str) -> None:
    with pytest.raises(FlowRefused) as refused:
        parsed(name)
    assert refused.value.motive == "IRR_FORM"
    assert refused.value.remedy
    assert refused.value.what_fr


def test_every_deposit_brings_answers_that_the_catalogue_knows() -> None:
    deposits = [row for row in CATALOGUE.values() if row.content is Content.INVOICES]
    assert len(deposits) == 13
    for row in deposits:
        acknowledgment = CATALOGUE[row.acknowledgment]
        assert acknowledgment.direction is Direction.OUT
        assert acknowledgment.content is Content.FLOW_ACKNOWLEDGMENT
        assert CATALOGUE[row.lifecycle].content is Content.LIFECYCLE
        assert CATALOGUE[row.made_available].content is Content.LIFECYCLE
        expected = Syntax.CDAR if row.circuit is Circuit.AFNOR else Syntax.CPP_STATUS
        assert {acknowledgment.syntax, CATALOGUE[row.lifecycle].syntax} == {expected}


@pytest.mark.parametrize("code", ["FSO9999A", "FEN0036A", "CSO1100A", "FSO1112A"])
def test_a_code_that_cannot_be_deposited_is_refused_by_name(code: str) -> None:
    with pytest.raises(FlowRefused) as refused:
        inbound(code)
    assert refused.value.motive == "IRR_CODE_INTER"
    assert refused.value.value == code


def test_every_admissibility_motive_of_g7_18_is_in_the_catalogue() -> None:
    expected = {
        "IRR_TAILLE", "IRR_UNICITE", "IRR_VIDE", "IRR_FORM", "IRR_TYPE", "IRR_ANTIVIRUS", "IRR_CODE_INTER",
        "IRR_EXTRAC", "IRR_CODE_APP", "IRR_VIDE_F", "IRR_TYPE_F", "IRR_SYNTAX", "IRR_TAILLE_F", "IRR_NOM_F",
        "IRR_TAILLE_PJ", "IRR_NOM_PJ", "IRR_VID_PJ", "IRR_EXT_DOC",
    }  # fmt: skip
    assert expected == {code for code in MOTIVES if code.startswith("IRR_")}
    for motive in MOTIVES.values():
        assert all((motive.sentence_fr, motive.sentence_en, motive.remedy_fr, motive.remedy_en))
        assert motive.sentence_fr != motive.sentence_en


def test_subscriptions_decide_who_may_deposit_what() -> None:
    partners = Partners({"ELC001": Partner("ELC001", "Electricite", frozenset({"FSO1100A"}))})
    partners.subscribed("ELC001", CATALOGUE["FSO1100A"])
    with pytest.raises(FlowRefused, match="does not subscribe"):
        partners.subscribed("ELC001", CATALOGUE["FSO1106A"])
    with pytest.raises(FlowRefused, match="no active connection"):
        partners.subscribed("XXX999", CATALOGUE["FSO1100A"])
    Partners({}, open_to_all=True).subscribed("XXX999", CATALOGUE["FSO1100A"])


def test_an_unknown_status_stays_unknown() -> None:
    assert status(StatusFormat.CPP_INVOICE, "17") is None
    known = status(StatusFormat.CPP_INVOICE, "05")
    assert known is not None
    assert known.motive_required
    assert set(CDAR_INVOICE) >= {"200", "202", "203", "210", "213", "228"}
    for circuit, codes in PLATFORM_STATUSES.items():
        table = StatusFormat.CDAR_INVOICE if circuit is Circuit.AFNOR else StatusFormat.CPP_INVOICE
        assert all(status(table, code) for code in (codes.received, codes.made_available, codes.rejected))


@pytest.mark.parametrize(
    ("circuit", "syntax", "root", "specification", "expected"),
    [
        (Circuit.AFNOR, Syntax.UBL, "Invoice", "urn:cen.eu:en16931:2017", ("eu.cen.en16931.ubl:1.3.16", True)),
        (Circuit.CHORUS_PRO, Syntax.UBL, "CreditNote", "", ("eu.cen.en16931.ubl:1.3.16", False)),
        (
            Circuit.AFNOR,
            Syntax.UBL,
            "Invoice",
            "urn:cen.eu:en16931:2017#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr",
            ("fr.fnfe.extended-ctc-fr.ubl:1.4.0", True),
        ),
        (
            Circuit.AFNOR,
            Syntax.CII,
            "CrossIndustryInvoice",
            "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
            ("fr.fnfe.extended-ctc-fr.cii:1.4.0", True),
        ),
        (Circuit.CHORUS_PRO, Syntax.FACTURX, "CrossIndustryInvoice", "", ("org.fnfe.factur-x.en16931:1.09", False)),
    ],
)
def test_the_profile_chooses_the_rule_set(
    circuit: Circuit, syntax: Syntax, root: str, specification: str, expected: tuple[str, bool]
) -> None:
    chosen = checks(circuit, syntax, root, specification)
    assert (chosen.profile_rules.coordinate, chosen.french_rules is not None) == expected
    assert chosen.schema.name.endswith("CreditNote") == (root == "CreditNote")


def test_factur_x_profiles_are_told_from_the_specification_identifier() -> None:
    told = {
        "urn:factur-x.eu:1p0:basicwl": "basic-wl",
        "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic": "basic",
        "urn:cen.eu:en16931:2017": "en16931",
        "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended": "extended",
    }
    assert {text: facturx_profile(text) for text in told} == told
    assert set(POLICIES) == set(Circuit)


def test_rows_and_tables_have_the_same_columns() -> None:
    pairs = (
        (answers.InvoiceRow, tables.INVOICES),
        (answers.LineRow, tables.LINES),
        (answers.VatRow, tables.VAT_BREAKDOWN),
        (answers.FindingRow, tables.FINDINGS),
    )
    for row, schema in pairs:
        assert list(row.__annotations__) == schema.names


def test_no_column_of_money_is_a_float() -> None:
    for schema in (*tables.CHECKED.values(), tables.OUTCOMES, tables.MEMBERS):
        assert not any(pa.types.is_floating(field.type) for field in schema)


def test_a_table_off_its_schema_is_named() -> None:
    good = pa.Table.from_pylist(
        [{"flow_key": "k", "position": 0, "name": "n", "offset": 0, "size_bytes": 1, "sha256": "x"}],
        schema=tables.MEMBERS,
    )
    assert tables.conforming(good, tables.MEMBERS, "members").equals(good)
    with pytest.raises(ContractBroken, match=r"members\.name"):
        tables.conforming(good.set_column(2, "name", pa.array([None], pa.string())), tables.MEMBERS, "members")
    with pytest.raises(ContractBroken, match="columns differ"):
        tables.conforming(good.drop_columns(["name"]), tables.MEMBERS, "members")


def test_errors_cross_processes_with_all_they_know() -> None:
    said, to_do = Sentences("vide", "empty"), Sentences("le remplir", "fill it")
    refused = FlowRefused("IRR_VIDE", said, to_do, where="flow", value="x")
    back = pickle.loads(pickle.dumps(refused))
    assert type(back) is FlowRefused
    assert (back.motive, back.what_fr, back.to_do, back.remedy) == ("IRR_VIDE", "vide", to_do, "fill it")


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = {word for line in (errors.__doc__ or "").splitlines() for word in line.split()[:1] if word[:1].isupper()}
    classes = {
        name
        for page in (errors, refusals)
        for name, value in vars(page).items()
        if isinstance(value, type) and value.__module__ == page.__name__
    }
    assert classes == drawn - {"Every", "Refusals"}


def test_our_package_names_are_ours_alone() -> None:
    owners = packages_distributions()
    for name in ("data_contracts", "pipelines", "connectors", "relais", "dags"):
        assert set(owners.get(name, ["relais"])) == {"relais"}
