"""A month of a project, night by night: the exact list of mails that its team gets."""

import pytest
from followed import World, lines

pytestmark = pytest.mark.slow

JOBS = (
    "portable/{debian,alpine,arch,debian-11,debian-sid,alpine-edge}/default",
    "portable/debian/clang",
)
SETGROUPS = "build:setgroups.c:3:5: error: implicit declaration of function 'setgroups'"
SUITE = "check:FAIL: regress/smtp"


class Month:
    """Nights at three o'clock; at noon `ciforge notify` does what is due."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.mails: dict[str, list[str]] = {}
        self.day = 0

    def night(self, commit: str, broken: dict[str, str] | None = None) -> None:
        self.day += 1
        self._heard("night", self.world.run(commit, broken))
        self._noon()

    def silent_night(self) -> None:
        self.day += 1
        self._noon()

    def _noon(self) -> None:
        self._heard("noon", self.world.tick(9))
        self.world.now += 15 * 3600

    def _heard(self, when: str, mails: list[str]) -> None:
        if mails:
            self.mails[f"{when} {self.day}"] = mails


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    """A month that is over: no test changes what it left."""
    lived = Month(World(tmp_path_factory.mktemp("month"), JOBS))
    live(lived)
    return lived


def live(month: Month) -> None:
    """All its days."""
    jobs = month.world.ids
    two, nine = jobs[:2], jobs[:9]
    month.night("a")
    month.night("b", dict.fromkeys(two, SETGROUPS))
    month.night("c", dict.fromkeys(nine, SETGROUPS))
    month.night("c", dict.fromkeys(jobs, "infra"))
    month.night("c", dict.fromkeys(jobs, "infra"))
    month.silent_night()  # a weekend
    month.silent_night()
    month.night("d", dict.fromkeys(nine, SETGROUPS))
    month.night("e", dict.fromkeys(nine, SUITE))
    month.night("f", dict.fromkeys(nine[:4], SUITE))
    month.night("1")
    month.night("2")
    month.night("3", dict.fromkeys(nine, SUITE))
    month.night("4")
    month.night("4", {jobs[9]: "smoke:no answer in 5 s"})
    month.night("4")
    month.night("5", {jobs[3]: SETGROUPS})
    month.world.jobs = tuple(one.replace("arch,", "") for one in JOBS)
    month.night("6")
    month.silent_night()
    month.silent_night()
    month.night("7")
    for _ in range(3):
        month.silent_night()


def test_mails_of_a_month_are_exactly_these(month: Month) -> None:
    assert month.mails == {
        "night 2": ["broken > team"],  # two jobs, one cause, one mail
        "night 3": ["re spread > team"],  # seven more: one reply
        # night 4: infrastructure, which is tried again
        "night 5": ["infrastructure > operators"],
        "noon 5": ["re still-broken > team"],  # after three days; after one it had just spread
        "noon 6": ["re infrastructure > operators"],
        # night 8: broken as before, and there was no run on the weekend
        "night 9": [
            "changed > team",
            "re changed > team",  # the pointer in the old thread
            "digest > operators 1 infrastructure",  # it works again, since night 8
        ],
        "noon 10": ["re still-broken > team"],
        "night 11": ["re fixed > team", "digest > team 1 partial"],
        "night 13": ["returned > team"],
        "night 14": ["re fixed > team"],
        "night 15": ["flaky > team"],  # a cause never seen, though the commit was green before
        "night 17": ["returned > team", "digest > team 1 flaky"],
        "night 18": ["re retired > team"],  # the distribution left the matrix: not fixed
        # and nothing for three days without a run
    }


def test_queued_mails_are_the_reported_ones(month: Month) -> None:
    messages = month.world.messages()
    told = [mail for mails in month.mails.values() for mail in mails]
    assert sorted(lines(messages)) == sorted(told)


def test_reply_about_a_changed_cause_names_the_new_one_and_gives_no_advice(
    month: Month,
) -> None:
    (pointer,) = [
        one for one in month.world.messages() if one.kind == "changed" and one.in_reply_to
    ]
    text = " ".join(pointer.text.split())
    assert "reported in a separate mail: test regress/smtp failed." in text
    assert "Include the header" not in text and "implicit declaration" not in text


def test_mail_about_a_returned_cause_says_how_it_ended_before(month: Month) -> None:
    returned = [
        " ".join(one.text.split()) for one in month.world.messages() if one.kind == "returned"
    ]
    assert len(returned) == 2
    assert "failed, which was fixed on 2026-11-12 03:00 UTC." in returned[0]
    assert "undeclared, which was replaced by another cause on 2026-11-10 03:00 UTC." in returned[1]


def test_replies_are_in_the_thread_of_their_incident(month: Month) -> None:
    roots = dict[str, str]()
    for message in sorted(
        month.world.messages(), key=lambda one: (one.created, one.in_reply_to != "")
    ):
        if message.kind == "digest":
            assert not message.in_reply_to
            continue
        root = roots.setdefault(message.incident, message.message_id)
        assert (message.in_reply_to or message.message_id) == root
        assert len(message.message_id) <= 70


@pytest.mark.slow
def test_importing_the_same_month_again_queues_nothing(month: Month) -> None:
    world = month.world
    assert [world.take(folder.name).messages for folder in (world.state / "runs").iterdir()] == [
        () for _ in (world.state / "runs").iterdir()
    ]
