"""`relais check`: what it reads, what it tells, in which form, with which exit code."""

from __future__ import annotations

import gzip
import io
import json
import os
import pty
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from pipelines.validation import check as room
from tests.unit.checked_documents import CII, FRAGMENT, PDF, UBL, WRONG_TYPE, lines, rules
from tests.unit.conftest import Relais


def test_the_help_teaches_names_formats_and_exit_codes(relais: Relais) -> None:
    code, out, _ = relais("check", "--help")
    text = " ".join(out.split())
    assert code == 0
    for words in ("en16931", "br-fr", "--no-xsd", "--format", "html", "tar.gz", "1 something invalid or undetermined"):
        assert words in text, words


def test_each_syntax_is_told_by_content_and_judged_by_its_profile(tmp_path: Path, relais: Relais) -> None:
    assert WRONG_TYPE != UBL
    for name, data in (("a", UBL), ("b.xml", CII), ("c.pdf", PDF)):
        (tmp_path / name).write_bytes(data)
    told = relais("check", tmp_path / "a", tmp_path / "b.xml", tmp_path / "c.pdf")
    assert told[0] == 0, told
    rows = lines(told)
    assert [row["verdict"] for row in rows] == ["valid"] * 3
    assert [row["document"] for row in rows] == ["a", "b.xml", "c.pdf"]
    assert [row["rule_sets"][0].split("@")[0].rpartition(":")[0] for row in rows] == [
        "eu.cen.en16931.ubl", "eu.cen.en16931.cii", "org.fnfe.factur-x.en16931",
    ]  # fmt: skip
    assert all(len(row["rule_sets"][0].split("@")[1]) == 64 for row in rows)


def test_a_broken_rule_is_told_with_place_value_and_both_sentences(tmp_path: Path, relais: Relais) -> None:
    file = tmp_path / "wrong.xml"
    file.write_bytes(WRONG_TYPE)
    told = relais("check", file, "--rules", "en16931")
    assert told[0] == 1
    (row,) = lines(told)
    assert (row["path"], row["document"], row["verdict"], row["xsd_valid"]) == (str(file), "wrong.xml", "invalid", True)
    (finding,) = [one for one in row["findings"] if one["rule"] == "BR-CL-01"]
    assert (finding["flag"], finding["count"], finding["found"]) == ("fatal", 1, "999")
    assert WRONG_TYPE.splitlines()[finding["line"] - 1].strip().startswith(b"<cbc:InvoiceTypeCode>999")
    assert finding["lines"] == [finding["line"]]
    assert "BT-3" in finding["message_fr"]
    assert "UNTDID 1001" in finding["message_en"]


def test_short_names_take_the_file_of_the_syntax_and_coordinates_are_taken_at_their_word(
    tmp_path: Path, relais: Relais
) -> None:
    (tmp_path / "a.xml").write_bytes(UBL)
    (tmp_path / "b.xml").write_bytes(CII)
    told = lines(relais("check", tmp_path, "--rules", "en16931,br-fr"))
    names = [[label.split("@")[0] for label in row["rule_sets"]] for row in told]
    assert names == [
        ["eu.cen.en16931.ubl:1.3.16", "fr.fnfe.br-fr-flux2.ubl:1.4.0"],
        ["eu.cen.en16931.cii:1.3.16", "fr.fnfe.br-fr-flux2.cii:1.4.0"],
    ]
    for name in ("eu.cen.en16931.ubl", "eu.cen.en16931.ubl:1.3.16"):
        ubl, cii = lines(relais("check", tmp_path, "--rules", name))
        assert ubl["verdict"] == "valid"
        assert (cii["verdict"], cii["rule_sets"]) == ("undetermined", [])
        assert cii["cause"] == f"{name}: did not run"


def test_without_schema_fragments_are_judged_by_rules_alone(tmp_path: Path, relais: Relais) -> None:
    (tmp_path / "fragment.xml").write_bytes(FRAGMENT)
    (with_schema,) = lines(relais("check", tmp_path, "--rules", "br-fr"))
    (without,) = lines(relais("check", tmp_path, "--rules", "br-fr", "--no-xsd"))
    assert (with_schema["xsd_valid"], without["xsd_valid"]) == (False, None)
    assert rules(with_schema) - {"XSD"} == rules(without) != set()
    (tmp_path / "fragment.xml").write_bytes(UBL.replace(b"<cbc:ID>", b"<cbc:Odd/><cbc:ID>", 1))
    code, out, _ = relais("check", tmp_path, "--rules", "br-fr", "--no-xsd")
    assert (code, json.loads(out)["verdict"]) == (0, "valid")


def test_archives_and_directories_are_opened(tmp_path: Path, relais: Relais) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "z.xml").write_bytes(UBL)
    (folder / "notes.txt").write_text("not an invoice")
    (folder / ".hidden.xml").write_text("x")
    with tarfile.open(folder / "a.tar.gz", "w:gz") as archive:
        for name, data in (("1.xml", UBL), ("2.xml", WRONG_TYPE)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    with zipfile.ZipFile(folder / "b.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("3.xml", CII)
    told = relais("check", folder)
    rows = [(Path(row["path"]).name, row["document"], row["verdict"]) for row in lines(told)]
    assert rows == [
        ("a.tar.gz", "1.xml", "valid"),
        ("a.tar.gz", "2.xml", "invalid"),
        ("b.zip", "3.xml", "valid"),
        ("z.xml", "z.xml", "valid"),
    ]
    assert "1 files left out" in told[2]


def test_what_cannot_be_read_is_invalid_and_says_why(tmp_path: Path, relais: Relais) -> None:
    (tmp_path / "a.xml").write_bytes(b"<not xml")
    (tmp_path / "b.xml").write_bytes(b"")
    (tmp_path / "c.xml").write_bytes(b"<other/>")
    cut = gzip.compress(tarfile_of(UBL))[:-20]
    (tmp_path / "d.tar.gz").write_bytes(cut)
    code, out, _ = relais("check", tmp_path)
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [row["verdict"] for row in rows] == ["invalid"] * 4
    assert [[*rules(row)] for row in rows] == [["IRR_SYNTAX"], ["IRR_VIDE_F"], ["IRR_TYPE_F"], ["IRR_EXTRAC"]]
    assert [row["document"] for row in rows] == ["a.xml", "b.xml", "c.xml", None]
    (asked,) = lines(relais("check", tmp_path / "a.xml", "--no-xsd"))
    assert asked["xsd_valid"] is None


def tarfile_of(data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo("1.xml")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def test_another_syntax_than_the_one_demanded_is_refused(tmp_path: Path, relais: Relais) -> None:
    (tmp_path / "a.xml").write_bytes(CII)
    (row,) = lines(relais("check", tmp_path, "--syntax", "ubl"))
    assert rules(row) == {"IRR_TYPE_F"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("absent.xml",), "absent.xml"),
        ((".", "--rules", "en16932"), "no rule set has this name"),
        ((".", "--rules", ","), "no rule set is named"),
        ((".", "--format", "pdf"), "Invalid value"),
        ((".", "--out", "no/such/folder/x"), "cannot be written"),
        ((".", "--home", "no/such/home"), "not a folder"),
        (("empty",), "no document to check"),
    ],
)
def test_usage_errors_exit_with_two(
    tmp_path: Path, relais: Relais, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.xml").write_bytes(UBL)
    monkeypatch.chdir(tmp_path)
    code, _, err = relais("check", *arguments)
    assert code == 2
    assert said in " ".join(err.split())
    assert "Traceback" not in err


def test_a_cache_that_others_may_write_to_is_not_trusted(tmp_path: Path, relais: Relais) -> None:
    (tmp_path / "a.xml").write_bytes(UBL)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o777)
    code, _, err = relais("check", tmp_path / "a.xml", "--cache", tmp_path / "shared")
    assert (code, "others may write" in err) == (2, True)


def test_a_failure_of_ours_exits_with_three_and_leaves_no_half_report(
    tmp_path: Path, relais: Relais, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise AssertionError("a bug of ours")

    (tmp_path / "a.xml").write_bytes(UBL)
    monkeypatch.setattr(room, "checked", broken)
    code, _, err = relais("check", tmp_path / "a.xml", "--out", tmp_path / "out")
    assert (code, "a bug of ours" in err) == (3, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xml"]


def test_the_table_lists_findings_and_counts_documents(tmp_path: Path, relais: Relais) -> None:
    (tmp_path / "a.xml").write_bytes(UBL)
    (tmp_path / "b.xml").write_bytes(WRONG_TYPE)
    code, out, _ = relais("check", tmp_path, "--format", "table")
    text = " ".join(out.split())
    assert code == 1
    assert "b.xml facture ELC-2026-0000001 non conforme" in text
    assert "BR-CL-01 bloquant" in text
    assert "2 documents : 1 conforme, 1 non conforme, 0 indéterminé" in text
    assert "a.xml" not in text
    english = " ".join(relais("check", tmp_path, "--format", "table", "--lang", "en")[1].split())
    assert "2 documents: 1 valid, 1 invalid, 0 undetermined" in english


def test_a_bar_on_the_terminal_leaves_the_results_alone(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b"<not xml")
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "relais", "check", str(tmp_path / "a.xml"), "--cache", str(cache)]
    environment = {**os.environ, "TERM": "xterm", "XDG_DATA_HOME": str(tmp_path)}
    told = subprocess.run(command, stdout=subprocess.PIPE, stderr=end, env=environment, timeout=60, check=False)
    os.close(end)
    shown = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert told.returncode == 1
    assert json.loads(told.stdout)["document"] == "a.xml"
    assert "files read" in shown
    assert "IRR_SYNTAX" not in shown


def test_a_check_loads_no_pandas(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "a.xml").write_bytes(UBL)
    command = [sys.executable, "-X", "importtime", "-m", "relais", "check", str(tmp_path / "a.xml")]
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path)}
    told = subprocess.run(
        [*command, "--cache", str(cache)], capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    assert json.loads(told.stdout)["verdict"] == "valid"
    loaded = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
    assert "pyarrow" in loaded
    assert not {name for name in loaded if name.startswith("pandas.")}


def test_the_same_documents_give_the_same_bytes(tmp_path: Path, relais: Relais) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number:02}.xml").write_bytes(WRONG_TYPE if number % 3 else UBL)
    first = relais("check", folder, "--on", "2026-11-22", "--format", "html")
    assert first == relais("check", folder, "--on", "2026-11-22", "--format", "html")
    assert first[1].count("<section") == 8
    one_by_one = [lines(relais("check", folder / f"{number:02}.xml"))[0] for number in (0, 1)]
    assert lines(relais("check", folder))[:2] == one_by_one
