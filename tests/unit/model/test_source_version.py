"""The environment variables that tell a step which commit it builds."""

from ciforge.model.source_version import SourceVersion


def test_version_variables_have_the_time_in_utc_and_in_seconds() -> None:
    version = SourceVersion(revision="da2ab0b", describe="v1-dirty", time=1_700_000_000)
    assert version.variables == {
        "CIFORGE_REVISION": "da2ab0b",
        "CIFORGE_DESCRIBE": "v1-dirty",
        "CIFORGE_DATE": "2023-11-14T22:13:20Z",
        "SOURCE_DATE_EPOCH": "1700000000",
    }


def test_version_variables_without_a_commit_have_no_source_date_epoch() -> None:
    assert SourceVersion().variables == {
        "CIFORGE_REVISION": "", "CIFORGE_DESCRIBE": "", "CIFORGE_DATE": "",
    }  # fmt: skip
