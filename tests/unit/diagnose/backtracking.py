"""How many steps a backtracking matcher takes for a pattern, counted instead of timed.

It matches as Python's `re` does, only without its shortcuts: a step is a character compared or an
alternative entered. Patterns with operators that the rules do not use are refused.
"""

import re
import sys
from collections.abc import Callable
from re import _parser  # type: ignore[attr-defined]
from typing import Any

Then = Callable[[int], bool]
"""Whether the rest of the pattern matches from a position."""
Matcher = Callable[[int, Then], bool]

SPACE, DIGIT, WORD = (re.compile(each).fullmatch for each in (r"\s", r"\d", r"\w"))
CATEGORIES = {
    "CATEGORY_SPACE": SPACE,
    "CATEGORY_DIGIT": DIGIT,
    "CATEGORY_WORD": WORD,
    "CATEGORY_NOT_SPACE": lambda char: not SPACE(char),
    "CATEGORY_NOT_DIGIT": lambda char: not DIGIT(char),
    "CATEGORY_NOT_WORD": lambda char: not WORD(char),
}


class TooManyStepsError(Exception):
    """The limit of steps was reached."""


class StepCounter:
    """Searches texts for a pattern; `steps` says how long the last search was."""

    def __init__(self, pattern: re.Pattern[str], limit: int) -> None:
        self.fold = bool(pattern.flags & re.IGNORECASE)
        self.limit = limit
        self.steps = 0
        self.text = ""
        tree = _parser.parse(pattern.pattern, pattern.flags)
        self.matcher = self.sequence(list(tree))

    def search(self, text: str) -> bool:
        """Whether the pattern is found. Raises TooManyStepsError."""
        self.text = text.lower() if self.fold else text
        self.steps = 0
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(before + 50 * len(text))  # a character may take several frames
        try:
            return any(self.matcher(start, lambda _: True) for start in range(len(text) + 1))
        finally:
            sys.setrecursionlimit(before)

    def step(self) -> None:
        self.steps += 1
        if self.steps > self.limit:
            raise TooManyStepsError

    def sequence(self, items: list[tuple[Any, Any]]) -> Matcher:
        matchers = [self.item(str(op), value) for op, value in items]

        def match(at: int, then: Then, index: int = 0) -> bool:
            if index == len(matchers):
                return then(at)
            return matchers[index](at, lambda end: match(end, then, index + 1))

        return match

    def item(self, op: str, value: Any) -> Matcher:
        match op:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                return self.single(self.test(op, value))
            case "MAX_REPEAT" | "MIN_REPEAT":
                return self.repeat(*value, greedy=op == "MAX_REPEAT")
            case "SUBPATTERN":
                return self.sequence(list(value[3]))
            case "BRANCH":
                return self.branch([self.sequence(list(each)) for each in value[1]])
            case "ASSERT" | "ASSERT_NOT":
                return self.look(*value, wanted=op == "ASSERT")
            case "AT":
                return self.place(str(value))
        raise NotImplementedError(f"{op}: count its steps here")

    def single(self, test: Callable[[str], Any]) -> Matcher:
        def match(at: int, then: Then) -> bool:
            self.step()
            return at < len(self.text) and bool(test(self.text[at])) and then(at + 1)

        return match

    def test(self, op: str, value: Any) -> Callable[[str], Any]:
        """Whether one character is of a class."""
        match op:
            case "LITERAL":
                char = self.char(value)
                return lambda one: one == char
            case "NOT_LITERAL":
                char = self.char(value)
                return lambda one: one != char
            case "ANY":
                return lambda one: one != "\n"
            case "RANGE":
                return lambda one: value[0] <= ord(one) <= value[1]
            case "CATEGORY":
                return CATEGORIES[str(value)]
        negated = str(value[0][0]) == "NEGATE"
        tests = [self.test(str(op), each) for op, each in value[negated:]]
        known: dict[str, bool] = {}

        def within(one: str) -> bool:
            if one not in known:
                known[one] = any(test(one) for test in tests) != negated
            return known[one]

        return within

    def char(self, code: int) -> str:
        return chr(code).lower() if self.fold else chr(code)

    def repeat(self, least: Any, most: Any, what: Any, *, greedy: bool) -> Matcher:
        items = list(what)
        op, value = items[0]
        if greedy and len(items) == 1 and str(op) in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            return self.repeat_single(int(least), int(most), self.test(str(op), value))
        inner = self.sequence(items)

        def match(at: int, then: Then, count: int = 0) -> bool:
            def more() -> bool:
                return count < int(most) and inner(
                    at, lambda end: (end > at or count < least) and match(end, then, count + 1)
                )

            self.step()
            if count < least:
                return more()
            return (more() or then(at)) if greedy else (then(at) or more())

        return match

    def repeat_single(self, least: int, most: int, test: Callable[[str], Any]) -> Matcher:
        def match(at: int, then: Then) -> bool:
            end = at
            while end < len(self.text) and end - at < most and test(self.text[end]):
                self.step()
                end += 1
            for place in range(end, at + least - 1, -1):
                self.step()
                if then(place):
                    return True
            return False

        return match

    def branch(self, branches: list[Matcher]) -> Matcher:
        def match(at: int, then: Then) -> bool:
            self.step()
            return any(each(at, then) for each in branches)

        return match

    def look(self, direction: int, what: Any, *, wanted: bool) -> Matcher:
        inner, width = self.sequence(list(what)), what.getwidth()[0]

        def match(at: int, then: Then) -> bool:
            self.step()
            start = at if direction > 0 else at - width
            found = start >= 0 and inner(start, lambda _: True)
            return found == wanted and then(at)

        return match

    def place(self, name: str) -> Matcher:
        def holds(at: int) -> bool:
            match name:
                case "AT_BEGINNING" | "AT_BEGINNING_STRING":
                    return at == 0
                case "AT_END" | "AT_END_STRING":
                    return self.text[at:] in ("", "\n")
                case "AT_BOUNDARY":
                    before, after = self.text[at - 1 : at], self.text[at : at + 1]
                    return bool(WORD(before)) != bool(WORD(after))
            raise NotImplementedError(name)

        def match(at: int, then: Then) -> bool:
            self.step()
            return holds(at) and then(at)

        return match
