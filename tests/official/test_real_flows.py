"""Real flows, run whole: no crash, each file answered, and every verdict that of the official files themselves.

The oracle here is plain: libxml2 on the file as it is, SaxonC on the file as it is, the SVRL counted with XPath. It
shares with Relais the official files and which of them apply to a document, nothing else.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from saxonche import PySaxonProcessor

from data_contracts import rule_sets
from data_contracts.interfaces import CATALOGUE, Interface, Syntax
from data_contracts.rule_sets import RuleSet, Schema
from pipelines.parsing.attachments import attachments_of
from pipelines.parsing.facturx_pdf import embedded_xml
from pipelines.validation.rule_files import located
from relais.samples.mixed_writer import zipped

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
PACKED = {"FSO1150A": "ubl", "FSO1156A": "cii", "FSO1157A": "facturx"}
MIXED = {
    # The first of six that bear number JMRPOR1116000103: each is a case of its own, but in one run they repeat it.
    "FSO1116A_P19": ("accepted", None, "Serbian dinars: ISO 4217 knows them, and no rule asks for euros"),
    "FSO1116A_P23": ("rejected", "DOUBLON", "A9, under the number of P19"),
    "FSO1116A_P40": ("rejected", "DOUBLON", "to the State by its service AAASCPV, under the number of P19"),
    "FSO1116A_P48": ("rejected", "DOUBLON", "totals that the breakdown contradicts, a warning; the number of P19"),
    "FSO1116A_P86": ("rejected", "DOUBLON", "A1, under the number of P19"),
    "FSO1116A_P87": ("rejected", "DOUBLON", "A9, under the number of P19"),
    "FSO1116A_P02": ("accepted", None, "A9, a subcontractor's invoice with its validator, in euros"),
    "FSO1116A_P08": ("accepted", None, "A1 without a currency, which is then the euro: so are all but P02 and P19"),
    "FSO1116A_P53": ("accepted", None, "to the State by its service AMMHERME01"),
    "FSO1116A_P57": (
        "accepted",
        None,
        "A13, from a supplier outside the EU (ETR); its number is P77's, its seller is not",
    ),
    "FSO1116A_P58": ("accepted", None, "A14, from a supplier by RIDET of ten digits"),
    "FSO1116A_P61": ("accepted", None, "totals with and without VAT alike"),
    "FSO1116A_P74": (
        "accepted",
        None,
        "A4: works came by this interface until 2024, and nothing says that they no longer may",
    ),
    "FSO1116A_P77": ("accepted", None, "A22, a tacit draft statement"),
    "FSO1116A_P96": ("accepted", None, "a credit note without its invoice and with payment means: two warnings"),
    "FSO1116A_P97": ("accepted", None, "as P96, by a service"),
    "Facture-IN_DP_E2_CPP_FACTURE_MIN": ("accepted", None, "CPPFactureMixte V1.14, texts typed by xsi:type"),
    "IN_DP_E2_UBL_INVOICE_MIN_template": ("accepted", None, "the template of FSO1110A, filled in"),
}
"""What must become of each sample of a mixed flow, and why. No official answer to them is published."""
FILLED = {
    "FACNUM": "F-2026-0001", "DATE_FACTURE": "2026-01-15", "NUMERO_ENGAGEMENT": "1501966748",
    "NOM_FICHIER": "facture.pdf",
    "ID_FOURNISSEUR": "81034732800017", "NOM_FOURNISSEUR": "PRO SHOP", "ID_DESTINATAIRE": "11000201100044",
    "MONTANT_TAXE": "20.00", "MONTANT_HT": "100.00", "MONTANT_TTC": "120.00",
    "FICHIER_FACTURE_ZIP_BASE64": zipped("facture.pdf", b"%PDF-1.4 facture"),
}  # fmt: skip
SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}
BOM = b"\xef\xbb\xbf"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the official samples are not beside the checkout")


def mixed_samples() -> Iterator[tuple[str, bytes]]:
    """The samples of mixed flows, each under an envelope name whose number is its place in MIXED."""
    for number, name in enumerate(MIXED, start=1):
        folder, code, partner = "e2_mixed", "FSO1113A", "CPP001"
        if name.startswith("FSO1116A"):
            folder, code, partner = "fso1116a", "FSO1116A", "JMRPOR"
        data = (SAMPLES / "chorus" / folder / f"{name}.xml").read_bytes()
        if name.endswith("_template"):
            code = "FSO1110A"
            for field, value in FILLED.items():
                data = data.replace(f"#{field}#".encode(), value.encode())
        yield f"{code}_{partner}_{partner}{code[3:7]}{number:015d}", data


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples under true envelope names: one file each, French documents packed, the E2 archive as it is."""
    folder = tmp_path_factory.mktemp("real") / "flows"
    folder.mkdir()
    for number, pdf in enumerate(sorted((SAMPLES / "chorus" / "fso1117a").glob("*.pdf")), start=1):
        shutil.copyfile(pdf, folder / f"FSO1117A_XXX999_XXX9991117{number:015d}")
    archive = SAMPLES / "chorus" / "fso1116a" / "FSO1116A_P100.tar.gz"
    shutil.copyfile(archive, folder / "FSO1116A_JMRPOR_JMRPOR1116000000000000100")
    for name, data in mixed_samples():
        (folder / name).write_bytes(data)
    (structured,) = (SAMPLES / "chorus" / "ubl_e1").iterdir()
    shutil.copyfile(structured, folder / "FSO1100A_XXX999_XXX9991100000000000000001")
    for code, source in PACKED.items():
        sink = io.BytesIO()
        with tarfile.open(fileobj=sink, mode="w:gz") as tar:
            for path in sorted((SAMPLES / "fr_ctc" / source).iterdir()):
                tar.add(path, arcname=path.name)
        (folder / f"{code}_PDP001_PDP001{code[3:7]}000000000000001").write_bytes(sink.getvalue())
    return folder


@pytest.fixture(scope="module")
def out(flows: Path) -> Path:
    target = flows.parent / "out"
    arguments = [sys.executable, "-m", "relais", "run", "--flows", str(flows), "--out", str(target)]
    result = subprocess.run(arguments, capture_output=True, text=True, timeout=600, check=False)
    assert result.returncode == 1, result.stderr
    return target


def lines(out: Path) -> Iterator[dict[str, Any]]:
    for line in (out / "verdicts.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def test_each_file_is_answered(flows: Path, out: Path) -> None:
    told = set()
    for path in (out / "drops").glob("*/out/CSO*"):
        tree = etree.parse(path)
        told.add(tree.findtext(".//IdFlux") or tree.findtext(".//{*}ReferenceReferencedDocument/{*}IssuerAssignedID"))
    assert told == {path.name.rsplit("_", 1)[1] for path in flows.iterdir()}


def test_each_mixed_sample_has_the_outcome_that_is_argued(out: Path) -> None:
    told = {line["flow"]: line for line in lines(out)}
    for (name, _), (sample, (outcome, motive, why)) in zip(mixed_samples(), MIXED.items(), strict=True):
        line = told[name]
        assert (line["outcome"], line["motive"]) == (outcome, motive), (sample, why, line["findings"])
        # A mixed document is valid by its schema, and the rules of EN 16931 do not judge it.
        assert (line["verdict"], line["xsd_valid"]) == ("valid", True), sample
        fatal = [finding["rule"] for finding in line["findings"] if finding["flag"] == "fatal"]
        assert fatal == (["G1.45"] if motive else []), sample


def test_no_mixed_sample_is_left_out() -> None:
    there = {path.stem for path in (SAMPLES / "chorus" / "fso1116a").glob("*.xml")}
    assert there | {path.stem for path in (SAMPLES / "chorus" / "e2_mixed").iterdir()} == set(MIXED)


def test_the_e2_archive_brings_both_its_invoices(out: Path) -> None:
    archive = [line for line in lines(out) if line["flow"].endswith("1116000000000000100")]
    assert [(line["document"], line["outcome"]) for line in archive] == [
        ("FSO1116A_JMRPOR_JMRPOR1116000000179.xml", "accepted"),
        ("FSO1116A_JMRPOR_JMRPOR1116000000180.xml", "accepted"),
    ]


def test_each_attachment_of_the_mixed_samples_is_one_readable_pdf() -> None:
    for name, data in mixed_samples():
        (attachment,) = attachments_of(data, CATALOGUE[name[:8]].syntax)
        assert attachment.media_type == "application/pdf"
        assert attachment.read().startswith(b"%PDF-")


def test_the_portal_s_own_ubl_of_2015_is_refused_for_what_it_is(out: Path) -> None:
    """UBL 2.0 of a diffusion format, FEN0105A, which is no frame of invoicing; two elements stand where none may."""
    (line,) = (line for line in lines(out) if line["flow"].startswith("FSO1100A"))
    assert (line["outcome"], line["motive"], line["xsd_valid"]) == ("rejected", "REJ_SEMAN", False)
    found = {(finding["rule"], finding["found"]) for finding in line["findings"]}
    assert {("XSD", "cbc:PaymentNote"), ("XSD", "cbc:PackQuantity"), ("RLS-CPRO-05", "FEN0105A")} <= found


def test_every_chorus_pro_factur_x_sample_is_accepted(out: Path) -> None:
    samples = [line for line in lines(out) if line["flow"].startswith("FSO1117A")]
    assert len(samples) == len(list((SAMPLES / "chorus" / "fso1117a").glob("*.pdf")))
    assert {line["outcome"] for line in samples} == {"accepted"}


@cache
def engine() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@cache
def sheet(rule_set: RuleSet) -> Any:
    return (
        engine()
        .new_xslt30_processor()
        .compile_stylesheet(stylesheet_file=str(located(rule_set.package, rule_set.path)))
    )


@cache
def xsd(schema: Schema) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(located(schema.package, schema.path)))


def official(data: bytes, interface: Interface) -> tuple[bool, Counter[tuple[str, str]] | None]:
    """Whether the schema holds, and (rule, flag) counts; None where an official file threw."""
    tree = etree.fromstring(data)
    specification = tree.xpath(
        "string(//*[local-name()='CustomizationID' or local-name()='GuidelineSpecifiedDocumentContextParameter'][1])"
    )
    due = rule_sets.checks(interface.circuit, interface.syntax, etree.QName(tree).localname, specification.strip())
    hits: Counter[tuple[str, str]] = Counter()
    for rule_set in due.rules:
        try:
            node = engine().parse_xml(xml_text=data.removeprefix(BOM).decode("utf-8"))
            report = sheet(rule_set).transform_to_string(xdm_node=node)
        except Exception:
            return xsd(due.schema).validate(tree), None
        for hit in etree.fromstring(report.encode()).xpath(
            "//svrl:failed-assert | //svrl:successful-report", namespaces=SVRL
        ):
            hits[hit.get("id", "NO-ID") or "NO-ID", hit.get("flag", "fatal")] += 1
    return xsd(due.schema).validate(tree), hits


@pytest.mark.parametrize("code", sorted(PACKED))
def test_verdicts_are_those_of_the_official_files(code: str, out: Path) -> None:
    interface = CATALOGUE[code]
    compared = 0
    for line in lines(out):
        if not line["flow"].startswith(code):
            continue
        data = (SAMPLES / "fr_ctc" / PACKED[code] / line["document"]).read_bytes()
        if any(finding["rule"].startswith("IRR_") for finding in line["findings"]):
            assert line["verdict"] == "invalid"
            continue
        if interface.syntax is Syntax.FACTURX:
            data = embedded_xml(data)
        schema_holds, hits = official(data, interface)
        told = Counter(
            (finding["rule"], finding["flag"])
            for finding in line["findings"]
            if not finding["rule_set"].startswith(("relais.", "xsd:"))
        )
        assert line["xsd_valid"] == schema_holds, line["document"]
        if hits is None:
            assert line["verdict"] == ("undetermined" if schema_holds else "invalid"), line["document"]
            continue
        assert told == hits, line["document"]
        valid = schema_holds and not any(flag == "fatal" for _, flag in hits)
        assert line["verdict"] == ("valid" if valid else "invalid"), line["document"]
        compared += 1
    assert compared >= 40
