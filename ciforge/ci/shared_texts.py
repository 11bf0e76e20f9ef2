"""Names for texts that several jobs share: each text is one file, whatever number of jobs use it."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import attrs

from ciforge.model.identifiers import file_name
from ciforge.model.job import Job

Trait = Callable[[Job], str]
_TRAITS: Sequence[Trait] = (
    lambda job: job.variant,
    lambda job: job.distribution.distribution,
    lambda job: job.release_id,
    lambda job: job.repo,
    lambda job: f"{job.release_id},{job.variant}",
)
"""Traits that can name a text, if exactly the jobs with that trait use it."""


@attrs.frozen(eq=False, repr=False)
class JobTraits:
    """The number of jobs of a set that have each trait."""

    totals: "Sequence[Counter[str]]"

    @classmethod
    def of(cls, jobs: Sequence[Job]) -> "JobTraits":
        """Counts those of all jobs, each of which is there once."""
        return cls([Counter(map(trait, jobs)) for trait in _TRAITS])

    def labels(self, jobs: Sequence[Job]) -> Iterator[str]:
        """Names for what these jobs share: first what they have in common, at last the id of one."""
        count = len({job.id for job in jobs})
        for trait, total in zip(_TRAITS, self.totals, strict=True):
            value = trait(jobs[0])
            if total[value] == count and all(trait(job) == value for job in jobs):
                yield value
        yield jobs[0].distribution.distribution
        yield jobs[0].release_id
        name = file_name(jobs[0].id)
        yield name
        yield from (f"{name}.{number}" for number in itertools.count(2))


@attrs.define(eq=False, repr=False)
class SharedTexts:
    """Texts of one kind and the jobs that use each, in the order in which they were added."""

    users: dict[str, list[Job]] = attrs.field(factory=dict)

    def add(self, text: str, job: Job) -> None:
        """Notes that the job uses the text."""
        self.users.setdefault(text, []).append(job)

    def named(
        self, form: str, traits: JobTraits, *, first: str = "", own: Trait | None = None
    ) -> dict[str, str]:
        """Texts to names: `form`, with `{}` replaced by a label for the jobs of the text.

        The text that was added first has the name `first`, if given; `own` of the first job of a text is
        tried before other labels. No two texts have the same name.
        """
        names: dict[str, str] = {}
        taken: set[str] = set()
        for text, jobs in self.users.items():
            labels = itertools.chain((own(jobs[0]),) if own else (), traits.labels(jobs))
            name = first if first and not names else form.format(next(labels))
            while name in taken:
                name = form.format(next(labels))
            taken.add(name)
            names[text] = name
        return names
