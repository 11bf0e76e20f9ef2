"""Every mistake in a `ciforge.yml` is told with its place and the way to mend it."""

from pathlib import Path

import pytest

from ciforge.errors import InputError
from ciforge.load.converter import structure
from ciforge.load.project_fields import FINDING_KINDS, PROJECT
from ciforge.load.yaml_document import Document
from ciforge.model.project import CacheStore
from tests.tables import each

Told = tuple[str, ...]

REPO = "project: p\njobs: [debian]\nrepos:\n  r:\n    recipe: make\n    "
TOP = "project: p\nrepos:\n  r:\n    recipe: make\njobs: [debian]\n"
JOBS = "project: p\nrepos: {r: {recipe: make}}\n"

WHOLE = (
    ("project: p\n", ("1:1: 'repos' is missing", "1:1: no jobs: write for example `jobs: [debian]`",)),
    ("a\n", ("1:1: expected a mapping with project, repos, variants, sources, jobs, mail, ciforge, found 'a'",)),
    ("[]\n", ("1:1: expected a mapping with project, repos, variants, sources, jobs, mail, ciforge, found a list",)),
    ("project: p\nrepos: {}\njobs: []\n", ("2:8: no repositories: write for example `repos: {NAME: {git: https://…, recipe: autotools}}`", "3:7: no jobs: write for example `jobs: [debian]`",)),
    ("project: p\nrepos:\njobs:\n", ("2:7: no repositories: write for example `repos: {NAME: {git: https://…, recipe: autotools}}`", "3:6: no jobs: write for example `jobs: [debian]`",)),
    ("projct: p\nrepos: {r: {recipe: make}}\njobs: [a]\n", ("1:1: 'project' is missing", "1:1: unknown key 'projct' (did you mean 'project'?)",)),
    ("project: p\nrepos:\n  r:\n    recipes: make\njobs: [debian]\n", ("3:3: 'recipe' is missing", "4:5: unknown key 'recipes' (did you mean 'recipe'?)",)),
    ("project: p\nrepos:\n  r:\n    recipe: [a]\njobs: [debian]\n", ("4:13: expected text, found a list",)),
    ("project: p\nrepos:\n  -r:\n    recipe: make\njobs: [debian]\n", ("3:3: '-r' is not an id (letters, digits and . _ + -, at most 64, none of . _ + - first)",)),
)  # fmt: skip
IN_A_REPO = (
    ("configure: --x", ("6:16: expected a list, found '--x' (write ['--x'])",)),
    ("configure: [--x, [y]]", ("6:22: expected text, found a list",)),
    ("configure: {add: [a], remov: [b]}", ("6:27: unknown key 'remov' (did you mean 'remove'?)",)),
    ("configure: ['a\n\n      b']", ("6:17: 'a\\nb' must be one line",)),
    ("dependencies: libevent", ("6:19: expected a list, found 'libevent' (write [libevent])",)),
    ("dependencies: [{a: 1, b: 2}]", ("6:20: expected a name or {NAME: {DISTRIBUTION: PACKAGE}}, found a mapping",)),
    ("dependencies: [{foo: {debian: 'a b'}}]", ("6:35: 'a b' is not the name of a package",)),
    ("dependencies: [{foo: bar}]", ("6:26: expected a mapping, found 'bar'",)),
    ("dependencies: [{foo: {}}]", ("6:26: no packages: write {DISTRIBUTION: PACKAGE}",)),
    ("dependencies: [$x]", ("6:20: '$x' is not the name of a dependency",)),
    ("expect: {config.h: []}", ("6:24: there is no expectation: name a macro or a path, or remove the key",)),
    ("expect: {installed: ['/x mode=']}", ("6:26: 'mode=' is wrong: mode= takes 3 or 4 octal digits",)),
    ("steps: {check: yes}", ("6:20: expected true, false, installed or a mapping like {run: …}, found 'yes'",)),
    ("steps: {check: make check}", ("6:20: expected true, false, installed or a mapping like {run: …}, found 'make check'",)),
    ("steps: {x: {run: }}", ("6:22: expected text, found nothing",)),
    ("steps: {x: {user: root}}", ("6:17: unknown key 'user' (known: run, after, as, env, network, timeout, tty, locale, privileges, backtrace)",)),
    ("steps: {x: {as: Root}}", ("6:21: 'Root' is not a user name (a-z, 0-9, _ and -, at most 32)",)),
    ("steps: {x: {network: on}}", ("6:26: expected true or false, found 'on' (write true)",)),
    ("steps: {x: {timeout: 25h}}", ("6:26: '25h' is not between 1s and 24h",)),
    ("steps: {x: {timeout: 0}}", ("6:26: '0' is not between 1s and 24h",)),
    ("steps: {x: {timeout: 10 m}}", ("6:26: expected a time like 90s, 10m or 2h, found '10 m'",)),
    ("steps: {a b: true}", ("6:13: 'a b' is not an id (letters, digits and . _ + -, at most 64, none of . _ + - first)",)),
    ("env: {1A: x}", ("6:11: '1A' is not the name of an environment variable",)),
    ("env: {A: [x]}", ("6:14: expected text, found a list",)),
    ("users: {root: /x}", ("6:13: 'root' is there already",)),
    ("users: {_a: var}", ("6:17: 'var' must begin with '/'",)),
    ("users: {_a: /var/../x}", ("6:17: '/var/../x' must not contain '..'",)),
    ("users: {_a: /var/}", ("6:17: '/var/' is not in its shortest form (write '/var')",)),
    ("users: {A: /var}", ("6:13: 'A' is not a user name (a-z, 0-9, _ and -, at most 32)",)),
    ("users: {_a: '/a b'}", ("6:17: '/a b' must be one word",)),
    ("builddir: ../x", ("6:15: '../x' must not contain '..'",)),
    ("builddir: /x", ("6:15: '/x' must be relative to the source",)),
    ("builddir: -x", ("6:15: '-x' must not begin with '-'",)),
    ("builddir: a//b", ("6:15: 'a//b' is not in its shortest form (write 'a/b')",)),
    ("builddir: .", ("6:15: '.' is the source itself; leave it out",)),
    ("builddir:", ("6:14: expected text, found nothing",)),
    ("path: -x", ("6:11: '-x' must not begin with '-'",)),
    ("path: ../x", ("6:11: '../x' is not below this file; omit `path` and use --source REPO=PATH",)),
    ("path: a/../../x", ("6:11: 'a/../../x' is not below this file; omit `path` and use --source REPO=PATH",)),
    ("path: /srv/x", ("6:11: '/srv/x' is not below this file; omit `path` and use --source REPO=PATH",)),
    ("path: .git/modules/x", ("6:11: '.git/modules/x' is a part of git's own directory",)),
    ("git: file:///srv/x", ("6:10: 'file:///srv/x' is a folder on this machine; use --source REPO=PATH",)),
    ("git: FILE://localhost/srv/x", ("6:10: 'FILE://localhost/srv/x' is a folder on this machine; use --source REPO=PATH",)),
    ("git: ext::sh -c x", ("6:10: 'ext::sh -c x' is not an address for git (https://, http://, git://, ssh:// or user@host:path)",)),
    ("git: --upload-pack=x", ("6:10: '--upload-pack=x' is not an address for git (https://, http://, git://, ssh:// or user@host:path)",)),
    ("git: https://u:secret@h/x", ("6:10: the address must not contain a password",)),
    ("git: foo", ("6:10: 'foo' is not an address for git (https://, http://, git://, ssh:// or user@host:path)",)),
    ("git: git@h:-x", ("6:10: 'git@h:-x' is not an address for git (https://, http://, git://, ssh:// or user@host:path)",)),
    ("git: ssh://-oProxy/x", ("6:10: 'ssh://-oProxy/x' is not an address for git (https://, http://, git://, ssh:// or user@host:path)",)),
    ("branches: [-x]", ("6:16: '-x' is not the name of a branch",)),
    ("branches: [a..b, 'a b', 'x.lock', 'a*']", ("6:16: 'a..b' is not the name of a branch", "6:22: 'a b' is not the name of a branch", "6:29: 'x.lock' is not the name of a branch", "6:39: 'a*' is not the name of a branch",)),
    ("branches: master", ("6:15: expected a list, found 'master' (write [master])",)),
    ("expect: {installed: [bin/x]}", ("6:26: 'bin/x' must begin with '/'",)),
    ("expect: {installed: [/x mode=9]}", ("6:26: 'mode=9' is wrong: mode= takes 3 or 4 octal digits",)),
    ("expect: {installed: [/x mod=755]}", ("6:26: unknown property 'mod=755' (did you mean 'mode'?)",)),
    ("expect: {installed: [/x type=folder]}", ("6:26: 'type=folder' is wrong: type= takes file, dir or link",)),
    ("expect: {installed: [/x mode=755 mode=755]}", ("6:26: 'mode' is given twice",)),
    ("expect: {config.h: [A-B]}", ("6:25: 'A-B' is not like NAME, !NAME or NAME=value",)),
    ("expect: {../x: [A]}", ("6:14: '../x' must not contain '..'",)),
    ("expect: {config.h: A}", ("6:24: expected a list, found 'A' (write [A])",)),
    ("expect: []", ("6:13: expected a mapping, found a list",)),
    ("replace: {openssl: sources/a b}", ("6:24: 'sources/a b' is neither a dependency nor 'sources/NAME'",)),
    ("replace: {openssl: ../x}", ("6:24: '../x' is neither a dependency nor 'sources/NAME'",)),
    ("where: {debian: {recipe: make}}", ("6:22: unknown key 'recipe' (did you mean 'replace'?)",)),
    ("where: [x]", ("6:12: expected a mapping, found a list",)),
    ("wher: {}", ("6:5: unknown key 'wher' (did you mean 'where'?)",)),
    ("where: {'*': {configure: {add: x}, env: {'': 1}}}", ("6:46: a key is missing before this ':'",)),
)  # fmt: skip
MANY = "[" + ", ".join(f"r{number}@b" for number in range(101)) + "]"
OF_JOBS = (
    ("jobs: debian", ("3:7: expected a list, found 'debian' (write [debian])",)),
    ("jobs: [[a]]", ("3:8: expected text, found a list",)),
    ("jobs: [{job: a, schedule: hourly}]", ("3:27: 'hourly' is not a schedule (daily, weekly, monthly, or five cron fields like '30 4 * * 1')",)),
    ("jobs: [{job: a, schedule: '61 * * * *'}]", ("3:27: '61' is not a minute from 0 to 59",)),
    ("jobs: [{job: a, schedule: '0 0 * * 7'}]", ("3:27: '7' is not a day of the week from 0 to 6",)),
    ("jobs: [{job: a, allow_failure: True}]", ("3:32: expected true or false, found 'True' (write true)",)),
    ("jobs: [{job: a, schedule: '* * * * *'}]", ("3:27: '* * * * *' is too often: GitHub starts a schedule at most every 5 minutes",)),
    ("jobs: [{job: a, schedule: '*/4 * * * *'}]", ("3:27: '*/4 * * * *' is too often: GitHub starts a schedule at most every 5 minutes",)),
    ("jobs: [{job: a, schedule: '1-5/2 * * * *'}]", ("3:27: '1-5/2 * * * *' is too often: GitHub starts a schedule at most every 5 minutes",)),
    ("jobs: [{job: a, schedule: '0,57 * * * *'}]", ("3:27: '0,57 * * * *' is too often: GitHub starts a schedule at most every 5 minutes",)),
    ("jobs: [{job: a, schedule: '0,57 23,0 * * *'}]", ("3:27: '0,57 23,0 * * *' is too often: GitHub starts a schedule at most every 5 minutes",)),
    ("jobs: [{job: a, schedule: '*/7 * * * *'}]", ("3:27: '*/7 * * * *' is too often: GitHub starts a schedule at most every 5 minutes",)),
    ("jobs: [{job: a, schedule: '30 5 31 2 *'}]", ("3:27: '30 5 31 2 *' never runs: no such month has a day 31",)),
    ("jobs: [{job: a, schedule: '0 0 30-31 FEB *'}]", ("3:27: '0 0 30-31 FEB *' never runs: no such month has a day 30",)),
    ("jobs: [{job: a, schedule: '0 0 31 4,6,9,11 *'}]", ("3:27: '0 0 31 4,6,9,11 *' never runs: no such month has a day 31",)),
    ("jobs: [{schedul: daily}]", ("3:8: 'job' is missing", "3:9: unknown key 'schedul' (did you mean 'schedule'?)",)),
    ("jobs: [a, '']", ("3:11: expected text, found nothing",)),
)  # fmt: skip
AT_THE_TOP = (
    ("extra: 1", ("6:1: unknown key 'extra' (known: project, repos, variants, sources, jobs, mail, ciforge)",)),
    ("sources: {l: {url: 'ftp://x/y', sha256: x, prefix: /usr}}", ("6:20: 'ftp://x/y' is not an address (http:// or https://, a host and a path)", "6:41: 'x' is not a sha256 (64 hexadecimal digits)", "6:52: '/usr' belongs to the system; use a folder below it, like '/opt/NAME'",)),
    ("sources: {l: {url: 'https://u@h/y', sha256: x, prefix: opt}}", ("6:20: 'https://u@h/y' is not an address (http:// or https://, a host and a path)", "6:45: 'x' is not a sha256 (64 hexadecimal digits)", "6:56: 'opt' must begin with '/'",)),
    ("mail: {from: x, routes: []}", ("6:14: 'x' is not a mail address (like 'team@example.org')",)),
    ("mail: {from: a@b, routes: [{job: '*', to: 'a@b, c@d', when: [brokn]}]}", ("6:43: 'a@b, c@d' is not a mail address (like 'team@example.org')", "6:62: 'brokn' is not known here (did you mean 'broken'?)",)),
    ("mail: {from: a@b, format: pdf, tag: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}", ("6:27: 'pdf' is not known here (text, html)", "6:37: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' must be printable and at most 40 characters",)),
    ("mail: {sender: a@b}", ("6:1: 'from' is missing", "6:8: unknown key 'sender' (known: from, reply_to, list_id, tag, format, stale, routes)",)),
    ("mail: {from: a@b, routes: [{job: '*', to: authors}]}", ("6:43: authors may be unknown; add a fixed address",)),
    ("mail: {from: a@b, routes: [{job: '*', to: [authors]}]}", ("6:43: authors may be unknown; add a fixed address",)),
    (f"mail: {{from: a@b, routes: [{{job: '*', to: {MANY}}}]}}", ("6:43: 101 recipients; at most 100: give them a mailing list, and name its address",)),
    ("mail: {from: ci@ex\u00e4mple.org}", ("6:14: 'ci@ex\u00e4mple.org' has characters that mail servers refuse; write its host as xn--exmple-cua.org",)),
    ("mail: {from: authors}", ("6:14: 'authors' is not a mail address (like 'team@example.org')",)),
    ("mail: {from: a@b, stale: 3}", ("6:26: expected a time like 12h, 3d or 2w, or never, found '3'",)),
    ("mail: {from: a@b, stale: 60w}", ("6:26: '60w' is not between 1h and 366d",)),
    ("mail: {from: a@b, stale: }", ("6:26: expected a time like 12h, 3d or 2w, or never, found nothing",)),
    ("mail:", ("6:6: expected a mapping with from, reply_to, list_id, tag, format, stale, routes, found nothing",)),
    ("mail: {from: a@b, list_id: <x>, reply_to: -x@y}", ("6:28: '<x>' is not the id of a list (like 'ci.example.org')", "6:43: '-x@y' is not a mail address (like 'team@example.org')",)),
    ("variants: {a/b: {}}", ("6:12: 'a/b' is not an id (letters, digits and . _ + -, at most 64, none of . _ + - first)",)),
    ("variants: {c: {env: x, replace: []}}", ("6:21: expected a mapping, found 'x'", "6:33: expected a mapping, found a list",)),
)  # fmt: skip


def problems(text: str) -> Told:
    """What is told about `text`, without the file's name."""
    with pytest.raises(InputError) as caught:
        structure(Document.compose(text, Path("x.yml")), PROJECT)
    return tuple(told.removeprefix("x.yml:") for told in caught.value.problems)


@each(("text", "told"), WHOLE)
def test_mistake_at_the_top_of_a_project_file_is_reported(text: str, told: Told) -> None:
    assert problems(text) == told


@each(("text", "told"), IN_A_REPO)
def test_mistake_in_a_repository_is_reported(text: str, told: Told) -> None:
    assert problems(REPO + text + "\n") == told


@each(("text", "told"), OF_JOBS)
def test_mistake_in_jobs_is_reported(text: str, told: Told) -> None:
    assert problems(JOBS + text + "\n") == told


@each(("text", "told"), AT_THE_TOP)
def test_mistake_in_sources_variants_or_mail_is_reported(text: str, told: Told) -> None:
    assert problems(TOP + text + "\n") == told


def test_cache_of_hosted_runners_is_true_false_or_a_registry() -> None:
    assert problems(TOP + "ciforge: {cache: redis}\n") == (
        "6:18: expected true, false or registry, found 'redis'",
    )
    for word, store in (("true", "SERVICE"), ("false", "NONE"), ("registry", "REGISTRY")):
        document = Document.compose(f"{TOP}ciforge: {{cache: {word}}}\n", Path("f"))
        assert structure(document, PROJECT).ciforge.cache is CacheStore[store]


def test_unknown_recipe_is_reported_with_the_known_ones() -> None:
    mail = "mail: {from: a@b, routes: [{job: '*', to: a@b, kind: [linker]}]}\n"
    assert problems(TOP + mail) == (
        f"6:55: 'linker' is not known here ({', '.join(FINDING_KINDS)})",
    )


def test_mistakes_of_a_project_file_are_reported_in_its_order() -> None:
    text = (
        "project: a b\nrepos: {r: {recipe: make, gti: x}}\nvariants: {v: {env: {1: x}}}\njobs: x\n"
    )
    assert [told.split(": ")[0] for told in problems(text)] == ["1:10", "2:27", "3:22", "4:7"]


def test_mistake_behind_a_yaml_alias_is_reported_once_at_its_place() -> None:
    text = "project: p\njobs: [a]\nrepos:\n  r: &r {recipe: [x]}\n  s: *r\n"
    assert problems(text) == ("4:18: expected text, found a list",)


def test_password_in_a_wrong_address_is_not_repeated() -> None:
    assert "secret" not in "".join(problems(REPO + "git: https://me:secret@example.org/x\n"))


def test_project_file_full_of_mistakes_reports_the_first_ones() -> None:
    told = problems(JOBS + f"jobs: [{', '.join(['[x]'] * 500)}]\n")
    assert len(told) == 51
    assert told[-1].endswith("there may be more problems after this one")


@each(
    "text",
    ["*/5 * * * *", "0,57 3 * * *", "0,57 3,5 * * *", "7/20 * * * *", "0 0 29 2 *", "0 0 31 2 1",
     "0 0 31 1,2 *", "*/45 * * * *", "59 23 31 DEC SUN"],
)  # fmt: skip
def test_valid_schedule_is_accepted(text: str) -> None:
    document = Document.compose(f"{JOBS}jobs: [{{job: a, schedule: '{text}'}}]\n", Path("x.yml"))
    (job,) = structure(document, PROJECT).jobs
    assert job.schedule == text
