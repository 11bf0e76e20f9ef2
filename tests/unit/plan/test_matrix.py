"""`jobs:` to jobs."""

from projects import SMALL, jobs, plan, real_catalogue

from ciforge.plan.selection import select
from tests.tables import each

HEAD = "project: p\nrepos: {a: {recipe: make}, b: {recipe: make}}\nvariants: {v: {}}\n"


def ids(entries: str) -> list[str]:
    return list(jobs(f"{HEAD}jobs: {entries}\n"))


def test_jobs_are_in_the_order_of_their_entries() -> None:
    assert ids("[b/debian-13/v, a/arch/default, a/debian-12/v]") == [
        "b/debian-13/v",
        "a/arch-latest/default",
        "a/debian-12/v",
    ]


def test_omitted_part_of_a_job_entry_means_all() -> None:
    assert ids("[arch]") == [
        "a/arch-latest/default",
        "a/arch-latest/v",
        "b/arch-latest/default",
        "b/arch-latest/v",
    ]


def test_job_named_twice_is_planned_once_at_its_first_place() -> None:
    assert ids("[a/debian/default, a/arch/default, a/debian-12/default]") == [
        "a/debian-12/default",
        "a/debian-13/default",
        "a/arch-latest/default",
    ]


def test_settings_of_the_last_matching_entry_apply_to_a_job() -> None:
    listed = jobs(
        f"{HEAD}jobs:\n"
        "  - {job: a/debian/default, schedule: weekly, allow_failure: true}\n"
        "  - a/debian-12/default\n"
        "  - {job: a/debian-13/default, schedule: daily}\n"
    )
    settings = {id_: (job.schedule, job.allow_failure) for id_, job in listed.items()}
    assert settings == {"a/debian-12/default": ("", False), "a/debian-13/default": ("daily", False)}


def test_exclusion_takes_away_what_is_listed_before_it_and_no_more() -> None:
    assert ids("[a/debian, a/arch/default, '!a/debian-12/v', '!debian-13/default']") == [
        "a/debian-12/default",
        "a/debian-13/v",
        "a/arch-latest/default",
    ]
    assert ids("[a/debian/v, '!debian-12', a/debian-12/v]") == ["a/debian-13/v", "a/debian-12/v"]


def test_exclusion_without_a_processor_means_every_processor() -> None:
    assert ids("['a/debian-13/v@{amd64,arm64}', b/arch/v, '!debian-13']") == ["b/arch-latest/v"]
    assert ids("['a/debian-13/v@{amd64,arm64}', '!debian-13@arm64']") == ["a/debian-13/v"]


def test_time_limit_of_a_job_is_that_of_its_last_entry_or_two_hours() -> None:
    listed = jobs(
        f"{HEAD}jobs:\n"
        "  - {job: a/debian/default, timeout: 5h}\n"
        "  - a/debian-12/default\n"
        "  - {job: a/alpine-3.23/default, timeout: 90}\n"
    )
    assert {id_: job.timeout for id_, job in listed.items()} == {
        "a/debian-12/default": 7200, "a/debian-13/default": 18000, "a/alpine-3.23/default": 90,
    }  # fmt: skip


def test_job_id_has_the_architecture_unless_it_is_amd64() -> None:
    assert ids("['a/alpine-3.23/default@{armv7,amd64}']") == [
        "a/alpine-3.23/default",
        "a/alpine-3.23/default@armv7",
    ]


def test_default_variant_always_exists_and_may_be_changed() -> None:
    assert ids("[a/arch/default]") == ["a/arch-latest/default"]
    changed = HEAD.replace("{v: {}}", "{default: {env: {A: b}}}")
    assert jobs(changed + "jobs: [a/arch/default]\n")["a/arch-latest/default"].env == {"A": "b"}


def packages(dependencies: str, job: str = "a/debian-13/default") -> tuple[tuple[str, ...], str]:
    text = (
        f"project: p\nrepos: {{a: {{recipe: make, dependencies: {dependencies}}}}}\njobs: [{job}]\n"
    )
    found = jobs(text)[job]
    implied = {"cc-dev", "ccache-dev", "findutils-dev", "libc-dev", "make-dev"}
    implied |= {"pkg-config-dev", "useradd-tool-dev"}
    assert implied <= set(found.packages)
    assert list(found.packages) == sorted(set(found.packages))
    return tuple(sorted(set(found.packages) - implied)), found.skipped


def test_dependency_becomes_the_packages_of_the_release() -> None:
    assert packages("[zlib, libevent, zlib]") == (("libevent-dev", "zlib-dev"), "")


def test_provided_dependency_is_not_installed() -> None:
    assert packages("[fts]") == ((), "")


def test_missing_dependency_skips_the_job_with_the_reason() -> None:
    assert packages("[zlib, libressl]") == (
        ("zlib-dev",),
        "debian-13 has no libressl: not packaged",
    )


@each(
    ("spelled", "found", "skipped"),
    [
        ("{foo: {debian: [x, y]}}", ("x", "y"), ""),
        ("{foo: {debian: x, debian-13: z}}", ("z",), ""),
        ("{foo: {debian-13: []}}", (), ""),
        ("{foo: {debian-12: x}}", (), "foo is not spelled out for debian-13"),
        ("{foo: {alpine: x}}", (), "foo is not spelled out for debian-13"),
        ("{zlib: {debian: zlib-of-ours}}", ("zlib-of-ours",), ""),
        ("{zlib: {alpine: zlib-of-ours}}", ("zlib-dev",), ""),
    ],
)
def test_dependency_may_be_spelled_out(spelled: str, found: tuple[str, ...], skipped: str) -> None:
    assert packages(f"[{spelled}]") == (found, skipped)


def test_dependency_unknown_to_the_descriptor_skips_the_job() -> None:
    text = "project: p\nrepos: {a: {recipe: make, dependencies: [only-debian]}}\njobs: [arch]\n"
    (job,) = plan(text, SMALL).jobs
    assert job.skipped == "arch-latest has no only-debian: its descriptor does not list it"


def test_skipped_job_has_every_reason() -> None:
    assert packages("[libressl, {foo: {alpine: x}}]")[1] == (
        "debian-13 has no libressl: not packaged; foo is not spelled out for debian-13"
    )


def test_skipped_job_has_its_steps() -> None:
    (job,) = plan(
        "project: p\nrepos: {a: {recipe: make, dependencies: [libressl]}}\njobs: [debian-12]\n"
    ).jobs
    assert [step.name for step in job.steps] == ["build", "install"]


def test_ids_of_jobs_are_unique_across_the_whole_catalogue() -> None:
    text = HEAD + "jobs: ['*@*']\n"
    everything = plan(text, real_catalogue())
    assert len({job.id for job in everything.jobs}) == len(everything.jobs) > 300
    assert select(everything, []) == everything.jobs


def test_many_job_entries_are_planned_without_quadratic_work() -> None:
    entries = ", ".join(["a/debian-12/default"] * 2000)
    assert ids(f"[{entries}]") == ["a/debian-12/default"]


def test_meson_asks_where_libraries_go_on_systems_that_say_so() -> None:
    made = plan(
        "project: p\nrepos: {a: {recipe: meson}}\njobs: [debian-13, ubuntu-24.04, fedora-44]\n",
        real_catalogue(),
    )
    asked = {job.release_id for job in made.jobs if "dpkg-dev" in job.packages}
    assert asked == {"debian-13", "ubuntu-24.04"}
