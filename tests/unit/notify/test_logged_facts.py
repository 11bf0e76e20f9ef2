"""What a hosted job was built with, by its log."""

from pathlib import Path

from ciforge.model.log_marks import MOST_FACTS
from ciforge.notify.logged_facts import logged_facts

LOG = """\
--- ciforge: configure ---
compiled: by gcc-1: not in this step
--- ciforge: build ---
cc -c x.c
compiled: by gcc-12: gcc-12 (Debian) 12.4\r
compiled: by gcc-12: gcc-12 (Debian) 12.4
compiled: with glibc 2.41
--- ciforge: linked ---
linked: /usr/sbin/a: /opt/x/lib/liby.so.3
linked: /usr/sbin/b loads /lib/liby.so.3, not the library of sources/x in /opt/x
"""


def test_facts_are_those_of_the_checks_in_their_steps(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text(LOG)
    assert logged_facts(tmp_path / "log.txt") == (
        "by gcc-12: gcc-12 (Debian) 12.4",
        "with glibc 2.41",
        "/usr/sbin/a: /opt/x/lib/liby.so.3",
    )


def test_hostile_log_has_few_short_and_printable_facts(tmp_path: Path) -> None:
    lines = [f"compiled: by {n}: \x1b[31m{'x' * 100_000}" for n in range(2 * MOST_FACTS)]
    (tmp_path / "log.txt").write_text("--- ciforge: build ---\n" + "\n".join(lines))
    facts = logged_facts(tmp_path / "log.txt")
    assert len(facts) == MOST_FACTS
    assert all(len(fact) <= 301 and fact.isprintable() for fact in facts)


def test_log_that_is_no_file_has_no_facts(tmp_path: Path) -> None:
    assert logged_facts(tmp_path / "log.txt") == ()
    assert logged_facts(tmp_path) == ()
