"""What a green build lost."""

import pytest

from ciforge.diagnose.drift import Artifacts, beside, plain_path, since
from tests.tables import each

CONFIG = """\
/* config.h.  Generated from config.h.in by configure.  */
#define HAVE_STRLCPY 1
/* #undef HAVE_PLEDGE */
# define HAVE_PAM
#define HAVE_ZERO 0
#define PACKAGE "x"
"""
MANIFEST = """\
dir 755 root root /etc/mail
file 2555 root _smtpq /usr/local/sbin/smtpctl
link 777 root root /usr/local/lib/libx.so.1
file 644 root root /usr/local/share/man/man8/smtpd.8
"""
GREEN = Artifacts(config_h=CONFIG, manifest=MANIFEST)


def test_drift_reads_features_as_configure_writes_them() -> None:
    assert GREEN.features() == {"HAVE_STRLCPY": "defined", "HAVE_PAM": "defined"}


def test_drift_of_equal_builds_is_empty() -> None:
    assert since(GREEN, GREEN, "run") == ()


@each(
    ("old", "new", "sentence"),
    [
        (
            "#define HAVE_STRLCPY 1",
            "/* #undef HAVE_STRLCPY */",
            "HAVE_STRLCPY is missing, was defined (compared with the last green run, 1)",
        ),
        (
            "# define HAVE_PAM\n",
            "",
            "HAVE_PAM is missing, was defined (compared with the last green run, 1)",
        ),
        (
            "file 2555 root _smtpq",
            "file 755 root root",
            "/usr/local/sbin/smtpctl is file 755 root root, was file 2555 root _smtpq "
            "(compared with the last green run, 1)",
        ),
        (
            "file 644 root root /usr/local/share/man/man8/smtpd.8\n",
            "",
            "/usr/local/share/man/man8/smtpd.8 is missing, was file 644 root root "
            "(compared with the last green run, 1)",
        ),
    ],
)
def test_drift_names_lost_files_and_features(old: str, new: str, sentence: str) -> None:
    now = Artifacts(config_h=CONFIG.replace(old, new), manifest=MANIFEST.replace(old, new))
    assert [one.sentence for one in since(now, GREEN, "1")] == [sentence]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("libx.so.1", "libx.so.2.3"),
        ("/* #undef HAVE_PLEDGE */", "#define HAVE_PLEDGE 1"),
        (
            "dir 755 root root /etc/mail",
            "dir 755 root root /etc/mail\nfile 644 root root /etc/more",
        ),
    ],
)
def test_drift_ignores_added_files_and_versions(old: str, new: str) -> None:
    now = Artifacts(config_h=CONFIG.replace(old, new), manifest=MANIFEST.replace(old, new))
    assert since(now, GREEN, "1") == ()


def test_drift_ignores_a_manifest_that_was_not_kept() -> None:
    assert since(Artifacts(config_h=CONFIG), GREEN, "1") == ()
    assert since(GREEN, Artifacts(), "1") == ()


@each(
    ("one", "other"),
    [
        ("/usr/lib/x86_64-linux-gnu/libx.so.1.2.3", "/usr/lib64/libx.so.4"),
        ("/usr/lib/python3.11/x.py", "/usr/lib/python3.13/x.py"),
        ("/usr/local/lib/aarch64-linux-gnu/p/f", "/usr/local/lib/p/f"),
        ("/usr/share/man/man8/smtpd.8", "/usr/share/man/man8/smtpd.8.gz"),
        ("/usr/share/x-1.2/f", "/usr/share/x-1.3/f"),
    ],
)
def test_drift_treats_paths_of_other_systems_as_equal(one: str, other: str) -> None:
    assert plain_path(one) == plain_path(other)


@each(
    ("one", "other"),
    [
        ("/usr/share/man/man5/x.5", "/usr/share/man/man8/x.8"),
        ("/usr/bin/x", "/usr/sbin/x"),
        ("/usr/lib/libx.so", "/usr/lib/libx.a"),
        ("/usr/include/utf8.h", "/usr/include/utf16.h"),
    ],
)
def test_drift_treats_other_paths_as_different(one: str, other: str) -> None:
    assert plain_path(one) != plain_path(other)


LACKS = Artifacts(config_h=CONFIG.replace("#define HAVE_STRLCPY 1\n", ""), manifest=MANIFEST)


def test_drift_names_features_that_all_sibling_jobs_have() -> None:
    (one,) = beside(LACKS, {"fedora-43": GREEN, "arch": GREEN})
    assert one.sentence == "HAVE_STRLCPY is missing, was defined (compared with arch, fedora-43)"


def test_drift_compares_with_an_earlier_release() -> None:
    assert len(beside(LACKS, {"debian-12": GREEN}, ["debian-12"])) == 1


@pytest.mark.parametrize("siblings", [{}, {"arch": GREEN}, {"arch": GREEN, "fedora-43": LACKS}])
def test_drift_ignores_features_on_which_sibling_jobs_differ(
    siblings: dict[str, Artifacts],
) -> None:
    assert beside(LACKS, siblings) == ()


def test_drift_list_is_bounded_and_says_so() -> None:
    many = Artifacts(manifest="".join(f"file 644 root root /x/{at:c}\n" for at in range(97, 123)))
    told = since(Artifacts(manifest=MANIFEST), many, "1", most=5)
    assert len(told) == 6
    assert told[-1].name == "and 21 more"


@each("text", ["\0" * 100, "file\n" * 3, "#define HAVE_", "file 1 2 3 " + "x" * 99999])
def test_drift_of_a_damaged_file_names_everything_of_the_green_one(text: str) -> None:
    lost = since(Artifacts(config_h=text, manifest=text), GREEN, "1")
    assert "HAVE_STRLCPY" in {one.name for one in lost if not one.now}
    assert {one.name for one in lost} <= GREEN.everything().keys()
