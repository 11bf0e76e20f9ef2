"""`answers.json` in the state folder: which pull requests were answered."""

from pathlib import Path

from ciforge.model.pull_ledger import AnsweredPull, PullLedger
from ciforge.store.atomic import SCRATCH, write_atomically
from ciforge.store.document_file import read_document
from ciforge.store.documents import dump, to_document
from ciforge.store.storage_errors import explained

_FILE = "answers.json"
_LARGEST = 16 * 1024 * 1024
_KEPT = 1000


def read_answers(state: Path) -> PullLedger:
    """The answers so far. Raises HistoryProblem."""
    file = state / _FILE
    if not file.exists():
        return PullLedger()
    hint = "remove the file: its comments are found again on the service"
    return read_document(file, PullLedger, _LARGEST, hint)


def keep_answer(state: Path, name: str, answer: AnsweredPull) -> None:
    """Adds or replaces an answer, at once or not at all. Raises HistoryProblem."""
    others = {key: answer for key, answer in read_answers(state).answers.items() if key != name}
    kept = dict([*others.items(), (name, answer)][-_KEPT:])
    file = state / _FILE
    with explained(file):
        write_atomically(file, dump(to_document(PullLedger(answers=kept))), state / SCRATCH)
