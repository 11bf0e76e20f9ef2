"""Tables that travel with ciforge beside the descriptors are read only by what needs them."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from ciforge.cli import main
from ciforge.load.dependencies import dependency_index, dependency_table
from ciforge.load.host_systems import host_systems
from ciforge.load.package_table import package_table


@pytest.mark.parametrize("arguments", [["--help"], ["jobs"], ["jobs", "--any"]])
def test_quick_commands_read_no_data_table(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "project: p\nrepos: {r: {path: ., recipe: make}}\njobs: [debian]\n"
    (tmp_path / "ciforge.yml").write_text(text)
    monkeypatch.chdir(tmp_path)
    tables = (dependency_table, dependency_index, host_systems, package_table)
    for table in tables:
        table.cache_clear()
    assert CliRunner().invoke(main.cli, arguments).exit_code == 0
    assert [table.cache_info().currsize for table in tables] == [0, 0, 0, 0]


def test_table_of_dependencies_is_found_by_header_library_and_module() -> None:
    found = dependency_index()
    assert found.header("event2/event.h") == found.module("libevent_core") == "libevent"
    assert found.symbol("SSL_CTX_new") == "openssl"


def test_system_of_the_table_installs_packages_or_has_no_engine() -> None:
    systems = host_systems()
    without = {name for name, system in systems.items() if not system.install}
    assert without == {name for name in without if systems[name].engine == "elsewhere"}
    assert {name for name, system in systems.items() if system.unattended} == {"debian", "ubuntu"}
    assert {"debian", "fedora", "alpine", "openbsd"} <= set(systems)
