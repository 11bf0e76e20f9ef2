"""A source tree that was written to attack: contained, named in the result, and nothing of it shown raw."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from rig import Document, Ended, Person, together, trial

from ciforge.model.log_marks import NOTHING_INSTALLED

ALONE = pytest.mark.alone
"""What uses up what a container may have, memory or processes."""

JOB_13 = "tree/debian-13/default"
SECRET = "the-token-of-the-host-5f1c"

SPY = {
    "look": r"""
env; tr '\0' '\n' </proc/1/environ 2>/dev/null || :
ls -ld /var/run/docker.sock /run/docker.sock /run/containerd 2>&1 || :
echo "sockets: $(find / -xdev -type s 2>/dev/null | tr '\n' ' ')"
sed 's/^/mount /' /proc/mounts
echo "interfaces: $(ls /sys/class/net | tr '\n' ' ')"
host=$(sed -n 's|^.*://\([^/ ]*\)/.*|\1|p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    head -n 1)
getent hosts "$host" && echo reached || echo "no name found"
grep -E '^(CapBnd|NoNewPrivs|Seccomp):' /proc/self/status
for file in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /sys/kernel/uevent_helper; do
    (echo x >"$file") 2>/dev/null && echo "wrote $file" || :
done
echo "whole: look"
""",
    "dig": r"""
cp /bin/sh /tmp/rootsh && chmod 4755 /tmp/rootsh
mknod /tmp/disk b 254 0 2>/dev/null && echo "made a device" || :
mount -t tmpfs none /mnt 2>/dev/null && echo "mounted" || :
unshare -m true 2>/dev/null && echo "left the namespace" || :
(echo x >/proc/sysrq-trigger) 2>/dev/null && echo "wrote sysrq" || :
for net in connect $(ls /sys/class/net); do echo "interface $net"; done
echo "whole: dig"
""",
    "climb": r"""
echo "as $(/tmp/rootsh -p -c 'id -u')"
ln -sf /etc/shadow config.log
ln -sf /proc/1/environ config.h
echo "whole: climb"
""",
    "names": r"""
touch "/usr/local/bin/$(printf 'two\nlines')" "/usr/local/bin/$(printf 'red\033[31m\033]0;gotcha\007')"
touch /usr/local/bin/-rf "/usr/local/bin/\$(reboot)"
printf '\033]0;gotcha\007\033[2J\033[?1049h\n'
echo "whole: names"
""",
}


def attack(folder: Path, **steps: Document) -> Path:
    """A project of the autotools recipe, whose artifacts are asked for, with these steps alone."""
    none = dict.fromkeys(("bootstrap", "configure", "build", "install"), False)
    return trial(folder, {**none, **steps}, repo={"recipe": "autotools"})


def one(person: Person, run: str, **more: object) -> Ended:
    """A project whose only step is that one."""
    attack(person.here, act={"run": run, **more})
    return person.runs()


@pytest.fixture(scope="module")
def spied(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Looks around as the one who builds, digs as root, and climbs with what was dug."""
    home = tmp_path_factory.mktemp("spy")
    person = Person(home / "here", home)
    attack(
        person.here,
        look={"run": SPY["look"]},
        dig={"run": SPY["dig"], "after": "look", "as": "root"},
        climb={"run": SPY["climb"], "after": "dig"},
        names={"run": SPY["names"], "after": "climb", "as": "root"},
    )
    ended = person.runs("--json", HOST_TOKEN=SECRET, AWS_SECRET_ACCESS_KEY=SECRET)
    assert ended.code == 0, ended.told
    return ended


def lines(ended: Ended) -> list[str]:
    return ended.log("tree/debian-13/default").splitlines()


def test_job_that_attacks_ran_to_its_end(spied: Ended) -> None:
    ended = [line for line in lines(spied) if line.startswith("whole: ")]
    assert ended == ["whole: look", "whole: dig", "whole: climb", "whole: names"]


def test_build_environment_has_no_secret_of_the_host(spied: Ended) -> None:
    assert SECRET not in "\n".join(lines(spied))


def test_build_has_no_socket_of_the_engine(spied: Ended) -> None:
    assert "sockets: " in lines(spied)
    assert not [line for line in lines(spied) if line.startswith("s") and "docker.sock" in line]


def test_build_has_no_mount_of_the_host(spied: Ended) -> None:
    rows = [line.split() for line in lines(spied) if line.startswith("mount ")]
    disks = {row[2] for row in rows if row[1].startswith("/dev/")}
    own = {"/etc/resolv.conf", "/etc/hostname", "/etc/hosts", "/ciforge/ccache", "/ciforge/src"}
    assert disks - own <= {"/sbin/docker-init", "/usr/sbin/docker-init"}
    assert len(rows) > 5


def test_build_has_no_network(spied: Ended) -> None:
    assert "interfaces: lo " in lines(spied)
    assert "no name found" in lines(spied)
    assert [line for line in lines(spied) if line.startswith("interface ")] == [
        "interface connect", "interface lo",
    ]  # fmt: skip


def test_build_gets_no_new_privileges(spied: Ended) -> None:
    status = dict(line.split(":\t") for line in lines(spied) if re.match(r"\w+:\t", line))
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    admin, mknod, raw = 1 << 21, 1 << 27, 1 << 13
    assert not int(status["CapBnd"], 16) & (admin | mknod | raw)


@pytest.mark.parametrize(
    "said", ["wrote ", "made a device", "mounted", "left the namespace", "reached", "as 0"]
)
def test_attacks_of_a_build_did_not_work(spied: Ended, said: str) -> None:
    assert not [line for line in lines(spied) if line.startswith(said)]


def test_link_in_place_of_an_artifact_is_not_followed(spied: Ended) -> None:
    folder = spied.job("tree/debian-13/default") / "artifacts"
    assert "config.log" not in spied.result["artifacts"]
    assert not [file for file in folder.iterdir() if file.is_symlink()]
    assert b"root:" not in b"".join(file.read_bytes() for file in folder.iterdir())


def test_output_of_a_build_is_shown_without_escape_sequences(spied: Ended) -> None:
    texts = [event["text"] for event in spied.events if event["event"] == "line"]
    assert not [text for text in texts if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)]
    assert "\x1b" not in spied.err
    assert "\x1b]0;gotcha" in spied.log("tree/debian-13/default")


@pytest.mark.parametrize(
    ("run", "more", "reason"),
    [
        pytest.param(
            "bomb() { bomb | bomb & }; bomb; sleep 6; exit 1", {}, r"limit of \d+ processes",
            marks=ALONE, id="fork bomb",
        ),
        pytest.param(
            "perl -e '$x .= \"y\" x 500_000_000 while 1'", {}, r"used up its memory, \d+ MiB",
            marks=ALONE, id="memory bomb",
        ),
        pytest.param("kill -9 -1; sleep 9", {}, "ended by signal 9", id="kill -9 -1"),
        pytest.param(
            "kill -9 -1; sleep 9",
            {"as": "root"},
            "act was ended by signal 9|container ended|is not running",
            id="kill -9 -1 as root",
        ),
        pytest.param(
            "trap '' TERM; sleep 600", {"timeout": "2s"}, "still running at its limit", id="hang"
        ),
    ],
)  # fmt: skip
def test_fork_and_memory_bombs_are_contained_and_named(
    person: Person, run: str, more: Mapping[str, str], reason: str
) -> None:
    ended = one(person, run, **more)
    assert ended.code in (1, 3), ended.told
    assert ended.result["status"] in ("failed", "timed-out", "infrastructure")
    assert re.search(reason, ended.result["reason"]), ended.result
    assert ended.result["failed_step"] == "act"


def test_log_bomb_is_cut_in_the_middle_without_escape_sequences(person: Person) -> None:
    line = "$(printf 'x\\033]0;gotcha\\007\\033[2J%.0s' $(seq 60))"
    flood = f'yes "{line}" | head -c 80000000; echo the end'
    ended = one(person, flood)
    assert ended.code == 0, ended.told
    log = ended.job("tree/debian-13/default") / "log.txt"
    assert log.stat().st_size < 70 * 1024**2
    data = log.read_bytes()
    assert b"bytes are left out here" in data
    assert data.endswith(b"the end\n")
    assert "\x1b" not in ended.out + ended.err


def test_compiler_cache_of_another_job_is_out_of_reach(tmp_path: Path) -> None:
    variants = ("one", "two")
    steps = {
        "act": {
            "run": "id -u; ls -A /ciforge/ccache; echo $VARIANT >>/ciforge/ccache/mine.$VARIANT"
        }
    }
    folder = attack(tmp_path / "here", **steps)
    document = json.loads((folder / "ciforge.yml").read_text())
    document["variants"] = {name: {"env": {"VARIANT": name}} for name in variants}
    document["jobs"] = [f"tree/debian-13/{name}" for name in variants]
    (folder / "ciforge.yml").write_text(json.dumps(document))
    person = Person(folder, tmp_path / "home")

    def build(name: str) -> str:
        ended = person.runs(f"tree/debian-13/{name}")
        assert ended.code == 0, ended.told
        return ended.log(f"tree/debian-13/{name}")

    first = build("one")
    assert "mine.two" not in first
    (second,) = together(build, ["two"])
    assert "mine.one" not in second
    assert "mine.one" in build("one")


FORGED = "file 4755 root root /usr/local/bin/tool"
FORGES = f"while sleep 0.05; do (echo '{FORGED}' >/ciforge/records/manifest.txt) || :; done"
EXPECTED = {"expect": {"installed": ["/usr/local/bin/tool mode=4755"]}}


def builds(person: Person, expect: Document | None = None, **steps: Document) -> Ended:
    """A run of these steps and no others, of which `install` may be one."""
    none = dict.fromkeys(("bootstrap", "configure", "build", "install"), False)
    trial(person.here, {**none, **steps}, repo={"recipe": "autotools", **(expect or {})})
    return person.runs()


def test_process_left_by_a_step_forges_no_manifest(person: Person) -> None:
    build = {"run": f"(trap '' TERM; {FORGES}) 2>/dev/null &\nsetsid sleep 99 &\necho built"}
    ended = builds(person, EXPECTED, build=build, install={"run": "sleep 2"})
    assert ended.code == 1, ended.told
    assert ended.result["failed_step"] == "expect"
    assert "/usr/local/bin/tool: the install manifest is empty" in ended.log(JOB_13)
    assert "processes that build left running" in ended.log(JOB_13)


SHELLS = """
for process in /proc/[0-9]*; do
    [ "$(tr '\\0' ' ' <$process/cmdline)" != '/bin/sh ' ] || echo "a shell of user $(stat -c %u $process)"
done
"""


def test_unprivileged_processes_and_the_shell_of_ciforge_have_ended_when_root_installs(
    person: Person,
) -> None:
    sleeps = "sleep 471 & setsid sleep 471 & (setsid sh -c 'sleep 471 & wait' &) ; sleep 1"
    look = "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep 47[1]' || :"
    ended = builds(person, build={"run": SHELLS + sleeps}, install={"run": look + SHELLS})
    assert ended.code == 0, ended.told
    assert ended.step(JOB_13, "build")[0] == "a shell of user 0"
    assert ended.step(JOB_13, "install") == ["0", NOTHING_INSTALLED]


def test_unprivileged_step_writes_only_its_own_record(person: Person) -> None:
    tries = """
for path in manifest.txt files.before root root/install.exit new; do
    (echo x >/ciforge/records/$path) 2>/dev/null && echo "wrote $path" || :
done
for path in bin/step bin/supervise steps/install.sh bin/answers; do
    (echo x >/ciforge/$path) 2>/dev/null && echo "wrote $path" || :
    (rm -f /ciforge/$path && mv /ciforge/bin /ciforge/old) 2>/dev/null && echo "moved $path" || :
done
echo whole
"""
    ended = builds(person, build={"run": tries})
    assert ended.code == 0, ended.told
    assert ended.step(JOB_13, "build") == ["whole"]


CONFIGURED = {"expect": {**EXPECTED["expect"], "config.h": ["HAVE_NOTHING"]}}
REWRITES = """
for name in find sort comm sed id sh df grep cat rm; do
    printf '#!/bin/sh\\nexit 0\\n' >/usr/local/bin/$name
    chmod 755 /usr/local/bin/$name
done
printf '#!/bin/sh\\necho forged; exit 0\\n' >/tmp/step
for name in step answers supervise; do cp /tmp/step /ciforge/bin/$name; done
for name in check expect; do echo 'echo forged' >/ciforge/steps/$name.sh; done
chmod 777 /ciforge/bin /ciforge/steps /ciforge/records
"""
AFTER = """
echo "file 4755 root root /usr/local/bin/tool" >/ciforge/records/manifest.txt
mv /ciforge/bin /ciforge/old && ln -s old /ciforge/bin && cp /tmp/step /ciforge/old/step
rm -rf /ciforge/steps && mkdir /ciforge/steps && cp /tmp/step /ciforge/steps/expect.sh
chmod -R 777 /ciforge/records
"""


def test_install_that_rewrites_the_step_scripts_forges_no_manifest(person: Person) -> None:
    ended = builds(
        person, CONFIGURED,
        build={"run": "echo '#define HAVE_SOMETHING 1' >config.h"},
        install={"run": REWRITES},
        touch={"run": AFTER, "after": "install", "as": "root"},
    )  # fmt: skip
    assert ended.code == 1, ended.told
    assert ended.result["failed_step"] == "expect"
    log = ended.log(JOB_13)
    assert "forged" not in log
    assert "/usr/local/bin/tool was not installed" in log
    assert "config.h does not define HAVE_NOTHING" in log
    manifest = (ended.job(JOB_13) / "artifacts" / "manifest.txt").read_text()
    assert " /usr/local/bin/find\n" in manifest
    assert FORGED not in manifest


EATER = "perl -e '$x .= \"y\" x 50_000_000 while 1' || echo 'a child was killed'; echo whole"


@ALONE
def test_step_that_ends_0_after_a_memory_kill_has_failed(person: Person) -> None:
    ended = one(person, EATER, **{"as": "root"})
    assert ended.code == 1, ended.told
    assert ended.step(JOB_13, "act")[-1] == "whole"
    assert ended.result["status"] == "failed"
    assert re.search(r"act failed: it used up its memory, \d+ MiB", ended.result["reason"])
