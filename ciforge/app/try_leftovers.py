"""Branches of builds whose `ciforge try` was killed: they are removed by the next one, and by `ciforge clean`."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ciforge.app.try_services import try_service
from ciforge.ci.github.api import ENDED
from ciforge.ci.github.http_client import HostedError
from ciforge.errors import CiforgeError, UsageError
from ciforge.sources.checkout import repository_of
from ciforge.sources.git_url import without_secrets
from ciforge.sources.scratch_branch import ScratchBranch, push_remote
from ciforge.store.hosted_tries import HostedTry, TryInUse, held, read_try, remove_try, tries

_DETACHED = 3 * 24 * 3600.0
"""Seconds for which the branch of a build that was left alone is kept for `--resume`."""


def scratch_branch_of(record: HostedTry) -> ScratchBranch:
    """The branch of a build, at the address of its remote, which may hold a login that is not kept."""
    address = record.address
    here = repository_of(Path(record.checkout)) if Path(record.checkout).is_dir() else None
    if here is not None:
        try:
            found = push_remote(here, record.remote).address
        except CiforgeError:
            found = ""
        address = found if without_secrets(found) == record.address else address
    token = try_service(record.service).push_token(address)
    return ScratchBranch(address=address, branch=record.branch, token=token)


def remove_leftovers(
    state: Path, scratch: Path, on_message: Callable[[str], None], *, dry_run: bool = False
) -> Iterator[str]:
    """Removes the branches of builds that no process follows, a line for each.

    Those that were left alone in the last three days stay. `scratch` is a folder for an empty repository.
    `on_message` is called with a sentence for each that cannot be removed now."""
    for id_ in tries(state):
        try:
            with held(state, id_):
                record = read_try(state, id_)  # it may have been left alone a moment ago
                if record.detached and time.time() - record.started <= _DETACHED:
                    continue
                if not dry_run:
                    _cancel(record)
                    scratch_branch_of(record).delete(scratch)
                    remove_try(state, id_)
            yield f"branch {record.branch} at {record.address}"
        except TryInUse:
            continue
        except CiforgeError as error:
            on_message(str(error))


def _cancel(record: HostedTry) -> None:
    """Ends what still runs, where the service can be asked."""
    try:
        service = try_service(record.service).open(record.repository, None, record.manifests)
        for run in service.runs_on(record.branch):
            if run.status != ENDED:
                service.cancel(run.id)
    except (HostedError, UsageError):
        return  # the service ends a job that hangs by itself
