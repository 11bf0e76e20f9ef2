"""What lines before and after an error add: the name of a test, and whether the build went on."""

from ciforge.diagnose.scan.findings import diagnose

BATS = (
    " ✗ delivers to maildir",
    "   (in test file tests/deliver.bats, line 12)",
    "     `[ -f new/1 ]' failed",
    "2 tests, 1 failure",
    "make: *** [Makefile:2: check] Error 1",
)
DISTCLEAN = "make: *** No rule to make target 'distclean'.  Stop."
INSTALLED = tuple(f"install -m 644 man/part{page}.3 dest/part{page}.3" for page in range(20))


def test_failed_test_of_bats_is_named_by_the_line_above_its_place() -> None:
    found = diagnose(BATS)
    assert (found[0].subject, found[0].file, found[0].line) == (
        "delivers to maildir",
        "tests/deliver.bats",
        12,
    )


def test_place_of_bats_without_a_name_above_names_the_file() -> None:
    assert diagnose(BATS[1:])[0].subject == "tests/deliver.bats"


def test_files_that_are_installed_show_that_an_earlier_failure_did_not_count() -> None:
    assert diagnose((DISTCLEAN, *INSTALLED)) == ()


def test_failure_of_the_installation_itself_counts() -> None:
    log = (
        *INSTALLED,
        "install: cannot create regular file '/usr/share/man/x.3': Permission denied",
        "make: *** [Makefile:9: install] Error 1",
    )
    assert diagnose(log)[0].subject == "/usr/share/man/x.3"
