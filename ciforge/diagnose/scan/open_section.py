"""The section of a log that is open: a head that gives the next lines their meaning."""

from collections.abc import Sequence

import attrs

from ciforge.diagnose.rules.rule import Section
from ciforge.diagnose.scan.ruleset import Match, match_inside


@attrs.define(eq=False)
class OpenSection:
    """The section that the next lines may belong to, if any."""

    section: Section | None = None
    _number: int = 0
    """The line of its head."""
    _place: tuple[str, int | None] = ("", None)
    """File and line that the head names."""

    def open(self, sections: Sequence[Section], line: str, number: int) -> None:
        """Opens the first of the sections whose head the line is."""
        for section in sections:
            if head := section.pattern.search(line):
                groups = head.groupdict()
                place = groups.get("line")
                self.section, self._number = section, number
                self._place = (groups.get("file") or "", int(place) if place else None)
                break

    def close(self) -> None:
        """The next lines are as any other."""
        self.section = None

    def match(self, line: str, number: int) -> tuple[bool, Match | None]:
        """Whether the line belongs to the section, and what a rule of it finds there."""
        section = self.section
        if section is None:
            return False, None
        if number - self._number > section.lines:
            self.close()
            return False, None
        if not line.strip():
            if not section.blank:
                self.close()
            return True, None
        found = match_inside(line, section.name)
        if found is None:
            return False, None
        if section.once:
            self.close()
        return True, self._placed(found)

    def _placed(self, found: Match) -> Match:
        """The match with the place of the head, where it has none itself."""
        file, line = self._place
        if not found.subject:
            found = attrs.evolve(found, subject=file)
        if file and not found.file:
            found = attrs.evolve(found, file=file, line=line)
        return found
