"""A real break on three releases of Debian, told by a real OpenSMTPD: one cause, one mail, one thread."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import attrs
import pytest
from mailserver import USERS, MailServer, roots, text_of
from relay import Line, relay
from rig import EXAMPLES, Ended, Person, commit, compiled_hello, git, load

JOBS = [f"hello/debian-{release}/default" for release in (11, 12, 13)]
BREAK = EXAMPLES / "hello-portable" / "breaks" / "missing-include.patch"
TEAM = ("team@example.org", "porters@example.org", "author@example.org")
PORTERS = "porters@example.org"


@attrs.frozen
class Story:
    """What came of each run: green, broken, broken still, mended."""

    person: Person
    runs: dict[str, Ended]
    mails: dict[str, list[Any]]


@pytest.fixture(scope="module")
def story(server: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Story:
    home = tmp_path_factory.mktemp("story")
    person = Person(project(home / "tree"), home)
    told = Story(person, {}, {})
    # The server's certificate is its own; passwords come from the environment.
    for name, act in {"green": None, "broken": breaks, "still": touches, "mended": mends}.items():
        if act:
            act(person.here)
        told.runs[name] = person.runs("--notify", **server.variables)
        told.mails[name] = server.mails("team", least={"broken": 1, "mended": 2}.get(name, 0))
    return told


def project(tree: Path, **mail: Any) -> Path:
    """The example on three releases, with somebody to write to."""
    compiled_hello(tree)
    document = load(tree / "ciforge.yml")
    document["jobs"] = ["hello/debian-{11,12,13}/default"]
    document["mail"] = {
        "from": "ci@example.org", "reply_to": "team@example.org",
        "routes": [{"job": "*", "to": list(TEAM)}],
    } | mail  # fmt: skip
    (tree / "ciforge.yml").write_text(json.dumps(document))
    commit(tree, "Write to the team")
    return tree


def breaks(tree: Path) -> None:
    git(tree, "apply", str(BREAK))
    commit(tree, "Merge what was not portable\n\nBcc: everybody@example.org")


def touches(tree: Path) -> None:
    (tree / "NEWS").write_text("nothing\n")
    commit(tree, "Write news")


def mends(tree: Path) -> None:
    git(tree, "apply", "--reverse", str(BREAK))
    commit(tree, "Include err.h again")


def test_green_run_sends_no_mail(story: Story) -> None:
    assert story.runs["green"].code == 0, story.runs["green"].told
    assert story.mails["green"] == []


def test_mail_about_a_cause_on_three_releases_is_sent_once(
    story: Story, server: MailServer
) -> None:
    run = story.runs["broken"]
    assert run.code == 1, run.told
    assert [run.results[job]["status"] for job in JOBS] == ["failed"] * 3
    (mail,) = story.mails["broken"]
    assert len(server.mails("porters", 1)) == 2  # this one, and that it is mended
    assert "errx" in mail["Subject"]
    assert mail["Subject"].startswith("[hello-portable] hello: ")
    text = text_of(mail)
    assert all(job in text for job in JOBS)
    assert "implicit declaration of function 'errx'" in text
    assert "ciforge run" in text and "<err.h>" in text
    assert "Merge what was not portable" in text and "Tester" in text


def test_mail_has_the_headers_of_automatic_mail(story: Story) -> None:
    (mail,) = story.mails["broken"]
    assert mail["To"] == ", ".join(TEAM)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<hello-portable.ciforge.example.org>"
    assert mail["Reply-To"] == "team@example.org"
    assert mail["Return-Path"] == "<ci@example.org>"
    assert "mailto:team@example.org" in mail["List-Unsubscribe"]
    assert len(mail["Message-ID"]) <= 70
    assert mail["Bcc"] is None and "List-Unsubscribe-Post" not in mail
    assert "TLS" in mail["Received"]
    assert all(len(line) <= 72 for line in text_of(mail).splitlines())
    assert len(mail.as_bytes()) < 30_000


def test_repeated_failure_is_mailed_once(story: Story) -> None:
    assert story.runs["still"].code == 1
    assert len(story.mails["still"]) == 1


def test_fix_is_mailed_in_the_same_thread(story: Story) -> None:
    assert story.runs["mended"].code == 0, story.runs["mended"].told
    (root,) = roots(story.mails["mended"])
    (reply,) = [mail for mail in story.mails["mended"] if mail is not root]
    assert reply["In-Reply-To"] == root["Message-ID"]
    assert reply["References"].split()[0] == root["Message-ID"]
    assert reply["Subject"] == f"Re: {root['Subject']}"
    assert "Include err.h again" in text_of(reply)


def test_status_shows_the_state_after_each_run(story: Story) -> None:
    told = story.person.types("status", "--json")
    rows = [json.loads(line) for line in told.out.splitlines()]
    assert [row["job"] for row in rows] == JOBS
    assert {row["status"] for row in rows} == {"passed"}


def test_outbox_has_every_mail_as_sent(story: Story) -> None:
    told = story.person.types("mail", "list", "--all", "--json")
    mails = [json.loads(line) for line in told.out.splitlines()]
    assert len(mails) == 2
    assert {it["delivery"] for mail in mails for it in mail["recipients"]} == {"sent"}


@attrs.frozen
class Waiting:
    """Somebody whose mail of a broken build could not be sent at once."""

    person: Person
    identity: str


@pytest.fixture(scope="module")
def unsent(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Waiting:
    """A new project's first break, of which nothing has been sent."""
    folder = tmp_path_factory.mktemp("unsent")
    tree = folder / "tree"
    shutil.copytree(story.person.here, tree)
    person = Person(tree, folder / "home")
    git(tree, "apply", str(BREAK))
    commit(tree, "Break it again")
    nowhere = {"CIFORGE_MAIL": "smtp+plain://127.0.0.1:1"}
    run = person.runs("hello/debian-13/default", "--notify", **nowhere)
    assert run.code == 1, run.told  # a broken build comes before a mail that waits
    (mail,) = outbox(person)
    assert {it["delivery"] for it in mail["recipients"]} == {"queued"}
    assert "refused" in mail["recipients"][0]["said"]
    return Waiting(person, mail["message_id"])


@pytest.fixture
def waiting(unsent: Waiting, server: MailServer, tmp_path: Path) -> Waiting:
    """The same with a state of its own; nobody has got a mail yet."""
    server.forgets()
    shutil.copytree(unsent.person.home, tmp_path / "home")
    return Waiting(Person(unsent.person.here, tmp_path / "home"), unsent.identity)


def outbox(person: Person) -> list[dict[str, Any]]:
    told = person.types("mail", "list", "--all", "--json")
    return [json.loads(line) for line in told.out.splitlines()]


def test_mail_survives_every_delivery_failure_and_arrives_once(
    waiting: Waiting, server: MailServer
) -> None:
    person = waiting.person
    for trouble, said in troubles(server).items():
        told = person.types("mail", "flush", **dict(trouble))
        assert told.code == 4, told.err
        assert re.search(said, told.err), (said, told.err)
    done = person.types("mail", "flush", **server.variables)
    assert done.code == 0, done.err
    (mail,) = server.mails("team", 1)
    assert mail["Message-ID"] == waiting.identity
    assert person.types("mail", "flush", **server.variables).code == 0
    assert len(server.mails("team")) == 1


def troubles(server: MailServer) -> dict[tuple[tuple[str, str], ...], str]:
    """Variables that cannot work, and what is said of them."""
    good = server.variables
    unknown = {name: value for name, value in good.items() if name != "CIFORGE_MAIL_CA"}
    return {
        tuple(unknown.items()): "certificate verification failed",
        tuple((good | {"CIFORGE_MAIL": f"smtp://ci@127.0.0.1:{server.port}"}).items()): "mismatch",
        tuple((good | {"CIFORGE_MAIL_PASSWORD": "wrong"}).items()): "535",
        (("CIFORGE_MAIL", f"smtp+plain://127.0.0.1:{server.port}"),): "530|5[0-9][0-9]|TLS",
        (("CIFORGE_MAIL", f"smtps://ci@localhost:{server.port}"),): "not|wrong|record|SSL",
        (("CIFORGE_MAIL", "sendmail:/nowhere/sendmail"),): "No such file",
    }


def test_local_sendmail_delivers_the_mail(waiting: Waiting, server: MailServer) -> None:
    done = waiting.person.types("mail", "flush", CIFORGE_MAIL=f"sendmail:{server.sendmail}")
    assert done.code == 0, done.err
    (mail,) = server.mails("porters", 1)
    assert mail["Message-ID"] == waiting.identity


def test_stopped_server_loses_no_mail(waiting: Waiting, server: MailServer) -> None:
    with server.stopped():
        told = waiting.person.types("mail", "flush", **server.variables)
    assert told.code == 4, told.err
    assert waiting.person.types("mail", "flush", **server.variables).code == 0
    assert {mail["Message-ID"] for mail in server.mails("team", 1)} == {waiting.identity}


@pytest.mark.parametrize(
    ("port", "said"),
    [("busy", "421 4.3.2 too busy"), ("full", "452 4.3.1 disk is full")],
)
def test_server_with_4xx_gets_the_mail_later_and_once(
    waiting: Waiting, server: MailServer, port: str, said: str
) -> None:
    told = waiting.person.types("mail", "flush", **server.by(server.ports[port]))
    assert told.code == 4, told.err
    assert {line.split()[0] for line in listed(waiting)} == {"queued"}
    assert all(said in line and "tried 2 times, next try" in line for line in listed(waiting))
    assert server.files("team") == []
    arrives_once(waiting, server)


@pytest.mark.parametrize(
    ("port", "delivery", "said"),
    [("greylist", "queued", "451 4.7.1 greylisted"), ("choosy", "refused", "550 5.1.1 no such user")],
)  # fmt: skip
def test_refused_recipient_does_not_delay_the_others(
    waiting: Waiting, server: MailServer, port: str, delivery: str, said: str
) -> None:
    person, away = waiting.person, server.by(server.ports[port])
    assert person.types("mail", "flush", **away).code == 4
    lines = {line.split()[1].rstrip(":,"): line for line in listed(waiting)}
    assert {address: line.split()[0] for address, line in lines.items()} == {
        "team@example.org": "sent", PORTERS: delivery, "author@example.org": "sent",
    }  # fmt: skip
    assert said in lines[PORTERS]
    assert server.mails("author", 1)[0]["To"] == ", ".join(TEAM)
    # A refusal is for good until somebody says otherwise; what may pass later is tried by itself.
    again = person.types("mail", "retry" if delivery == "refused" else "flush", **server.variables)
    assert again.code == 0, again.err
    ids = {user: [one["Message-ID"] for one in server.mails(user, 1)] for user in USERS}
    assert ids == {user: [waiting.identity] for user in USERS}


def test_connection_lost_within_a_mail_loses_and_doubles_nothing(
    waiting: Waiting, server: MailServer
) -> None:
    with relay(server.port, Line(cut="mail")) as port:
        assert waiting.person.types("mail", "flush", **server.by(port)).code == 4
    assert all("queued" in line and "closed" in line for line in listed(waiting))
    assert server.files("team") == []
    arrives_once(waiting, server)


def test_lost_reply_sends_the_same_message_id_again(waiting: Waiting, server: MailServer) -> None:
    with relay(server.port, Line(cut="answer")) as port:
        assert waiting.person.types("mail", "flush", **server.by(port)).code == 4
    assert len(server.mails("team", 1)) == 1  # the server has it, and ciforge cannot know
    assert all("queued" in line and "closed" in line for line in listed(waiting))
    assert waiting.person.types("mail", "flush", **server.variables).code == 0
    ids = [mail["Message-ID"] for mail in server.mails("team", 2)]
    assert ids == [waiting.identity] * 2
    assert all(line.startswith("sent") for line in listed(waiting))


def test_server_may_reply_byte_by_byte(waiting: Waiting, server: MailServer) -> None:
    with relay(server.port, Line(pause=0.002)) as port:
        told = waiting.person.types("mail", "flush", **server.by(port))
    assert told.code == 0, told.err
    arrives_once(waiting, server)


def listed(waiting: Waiting) -> list[str]:
    """What `ciforge mail list` says of each recipient of the only mail."""
    told = waiting.person.types("mail", "list", "--all").out.splitlines()
    assert [line[:1] == " " for line in told] == [False, True, True, True], told
    return [line.strip() for line in told[1:]]


def arrives_once(waiting: Waiting, server: MailServer) -> None:
    """After the next flushes everybody has the mail, once."""
    for _ in range(2):
        assert waiting.person.types("mail", "flush", **server.variables).code == 0
    ids = {user: [one["Message-ID"] for one in server.mails(user, 1)] for user in USERS}
    assert ids == {user: [waiting.identity] for user in USERS}
    assert all(line.startswith("sent") for line in listed(waiting))


def test_default_mail_is_in_the_state_folder(waiting: Waiting) -> None:
    assert waiting.person.types("mail", "flush").code == 0
    (file,) = (waiting.person.state / "hello-portable" / "mail" / "new").iterdir()
    assert waiting.identity in file.read_text()


def test_test_mail_reports_whether_it_was_accepted(story: Story, server: MailServer) -> None:
    server.forgets()
    told = story.person.types("mail", "test", "author@example.org", **server.variables)
    assert told.code == 0, told.err
    assert "accepted  author@example.org: 250" in told.out
    assert len(server.mails("author", 1)) == 1


def test_uncommitted_changes_are_mailed_to_nobody(story: Story, tmp_path: Path) -> None:
    tree = tmp_path / "edited"
    shutil.copytree(story.person.here, tree)
    (tree / "src" / "hello.c").write_text("int main(void) { return 0; }\n")
    told = story.person.at(tree).runs("--notify", "hello/debian-13/default")
    assert told.code == 2
    assert "uncommitted" in told.err
