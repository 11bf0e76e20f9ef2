"""Explain why a selector or one of its alternatives matches nothing, and suggest the nearest name."""

from collections.abc import Iterator, Sequence

from ciforge.errors import did_you_mean
from ciforge.model.cross_id import CROSS
from ciforge.plan.selector import Names, Selector, matches_one


def unknown_alternatives(selector: Selector, names: Names) -> tuple[str, ...]:
    """A sentence for each alternative that is no name of what stands in its place.

    A word misspelled in `{debian,alpin}` would take its jobs away without a sound."""
    unknown: list[str] = []
    misplaced: list[str] = []
    for word, kind, choices in _lost(selector, names):
        if matches_one([word], names.all):
            misplaced.append(f"{selector.text!r}: {word!r} is not a known {kind}")
        elif word == selector.text.removeprefix("!"):
            unknown.append(f"{word!r} matches no job{_near(word, names.all, names)}")
        else:
            near = _near(word, choices, names) or did_you_mean(word, names.all)
            unknown.append(f"{selector.text!r}: {word!r} matches nothing there{near}")
    # A name that is unknown puts others out of their places.
    return tuple(unknown or misplaced)


def _near(word: str, choices: Sequence[str], names: Names) -> str:
    release = names.codenames.get(word.lower())
    return f" (did you mean {release!r}?)" if release in choices else did_you_mean(word, choices)


def _lost(selector: Selector, names: Names) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Words without a match among the names of their kind."""
    arches = tuple(dict.fromkeys(arch for some in names.arches.values() for arch in some))
    for patterns, kind, choices in (
        (selector.repo, "repository", names.repos),
        (selector.release, "distribution or release", names.release_words),
        (selector.variant, "variant", names.variants),
        (selector.arch or (), "architecture", arches),
    ):
        for word in patterns:
            if not matches_one([word], choices):
                yield word, kind, choices


def no_image(selector: Selector, names: Names) -> str:
    """A sentence for a selector whose names all exist, but for no processor that it asks for."""
    meant = [release for release in names.arches if selector.lists_release(release, names)]
    if selector.variant == (CROSS,) and meant:
        on = f" for {', '.join(selector.arch)}" if selector.arch else ""
        return f"{selector.text!r} matches no job: {', '.join(meant)} has no cross check{on}"
    there = sorted({arch for release in meant for arch in names.arches[release]})
    served = (
        f": there are images of {', '.join(meant)} for {', '.join(there)} only" if meant else ""
    )
    return f"{selector.text!r} matches no job{served}"
