"""`ciforge certify` of a release of hello-portable, as a whole command; its only job has no engine."""

import hashlib
import json
from pathlib import Path

from rig import Person, commit, git, hello, load


def test_certify_writes_what_is_missing_and_escapes_it(tmp_path: Path) -> None:
    tree = hello(tmp_path / "hello")
    document = load(tree / "ciforge.yml")
    document["jobs"] = ["solaris-11.4/default"]
    (tree / "ciforge.yml").write_text(json.dumps(document))
    commit(tree, "List a system that no engine runs")
    git(tree, "tag", "v1.0")
    archive = tmp_path / "<b>hello-1.0.tar.gz"
    git(tree, "archive", "--prefix=hello-1.0/", "--output", str(archive), "v1.0")
    person = Person(tree, tmp_path)
    ended = person.types("certify", "v1.0", "--tarball", archive, "--out", "release", "--json")
    assert ended.code == 1, ended.told
    told = json.loads(ended.out)
    assert told["sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()
    assert [job["outcome"] for job in told["jobs"]] == ["skipped"]
    assert told["complete"] is False
    text = (tree / "release" / "certificate.txt").read_text()
    assert "INCOMPLETE: 1 of 1 required job did not pass" in text
    page = (tree / "release" / "certificate.html").read_text()
    assert "INCOMPLETE" in page
    assert "&lt;b&gt;hello-1.0" in page
    assert "<b>" not in page
