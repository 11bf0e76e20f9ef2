"""What the caches of a machine had to do with its job, as ccache and configure recorded it there."""

import re
from collections.abc import Iterator, Sequence

import attrs

from ciforge.engines.protocol import Machine
from ciforge.model.quantities import plural
from ciforge.render.cache_question import QUESTION
from ciforge.sanitize import safe_line

_SECONDS = 60.0
_WIDTH = 200
"""Characters of a line of ccache that are shown."""
_HITS = re.compile(r"hits ([0-9]{1,9})")


@attrs.frozen(kw_only=True)
class CacheUse:
    """The part that the caches had in a job."""

    hits: int | None = None
    """Compilations and configures that they answered; None if unknown."""
    problems: tuple[str, ...] = ()
    """A sentence for each way in which the cache is not what ccache left there."""

    @property
    def about(self) -> str:
        """`12 cached answers`."""
        return plural(self.hits or 0, "cached answer")


def cache_use(machine: Machine) -> CacheUse:
    """Asks a machine that has caches. Raises EngineError."""
    lines = machine.ask(["sh", "-c", QUESTION], {}, _SECONDS).splitlines()
    if lines[-1:] != ["end"]:
        return CacheUse()
    hits = sum(int(match[1]) for match in map(_HITS.fullmatch, lines) if match)
    return CacheUse(
        hits=hits + ("configured" in lines), problems=(*_damage(lines), *_foreign(lines))
    )


def _damage(lines: Sequence[str]) -> Iterator[str]:
    if reasons := _after("damaged ", lines):
        yield f"ccache refused damaged results, and compiled instead ({'; '.join(reasons)})"


def _foreign(lines: Sequence[str]) -> Iterator[str]:
    for name in _after("foreign ", lines):
        yield f"it had a file {name}, which nothing reads"


def _after(word: str, lines: Sequence[str]) -> list[str]:
    return [safe_line(line.removeprefix(word), _WIDTH) for line in lines if line.startswith(word)]
