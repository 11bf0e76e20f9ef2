"""The volumes of a container that has caches: what outlives it, and the source, which does not.

The job's own volume is written by its steps. That of the followed branch is mounted read only, and
its compilers' results are copied once into a volume that is new. The source is on a volume, too,
because overlay file systems do not record the access times of files that are copied.
"""

from docker.errors import APIError, NotFound
from docker.types import Mount
from requests import RequestException

from ciforge.engines import labels
from ciforge.engines.client import Client
from ciforge.engines.helper_exec import HelperExec
from ciforge.engines.protocol import MachineSpec
from ciforge.model import ccache_log
from ciforge.model.job import Job
from ciforge.model.trust_domain import Trust

_CCACHE, _SOURCE, _UPSTREAM = "/ciforge/ccache", "/ciforge/src", "/ciforge/upstream"

ENVIRONMENT = {
    "CCACHE_DIR": _CCACHE,
    "CCACHE_CONFIGPATH": "/ciforge/bin/ccache.conf",
    "CCACHE_COMPILERCHECK": "content",
    "CCACHE_MAXSIZE": "500M",
    "CCACHE_NOINODECACHE": "1",
    "CCACHE_TEMPDIR": "/ciforge/home/.ccache-tmp",
    "CCACHE_LOGFILE": ccache_log.PATH,
}
"""ccache's configuration, its temporary files and its log lie outside of the volume, which has results alone.

The folder of the log exists from the beginning: ccache makes none for it. The image of a cross check names the files of
its compiler in CCACHE_EXTRAFILES.
"""

_SEED = r"""
cd /ciforge/upstream || exit
for folder in /ciforge/ccache/[0-9a-f]; do
    [ ! -e "$folder" ] && [ ! -L "$folder" ] || exit 0
done
for folder in [0-9a-f]; do
    [ ! -d "$folder" ] || [ -L "$folder" ] || cp -R -P -p "$folder" /ciforge/ccache/ || break
done
find /ciforge/ccache/[0-9a-f] ! -type d ! \( -type f \( -name '*[RMW]' -o -name stats \) \) \
    -exec rm -f {} + 2>/dev/null
exit 0
"""
"""Copies results and their counters into an empty cache: no configuration, no link, nothing else."""


def volumes(client: Client, job: Job, plan: MachineSpec) -> list[Mount]:
    """The mounts of the container; its own volume is made where it is not there yet."""
    if not plan.ccache:
        return []
    client.create_volume(plan.ccache, labels=_labels(job, plan))
    mounts = [
        Mount(_CCACHE, plan.ccache, type="volume"),
        Mount(_SOURCE, None, type="volume"),
    ]
    if is_there(client, plan.ccache_reads):
        mounts.append(
            Mount(_UPSTREAM, plan.ccache_reads, type="volume", read_only=True, no_copy=True)
        )
    return mounts


def seed(helper: HelperExec, mounts: list[Mount]) -> None:
    """Fills a new volume with results of the followed branch. Raises EngineError."""
    if any(mount["Target"] == _UPSTREAM for mount in mounts):
        helper.do(["sh", "-c", _SEED])


def _labels(job: Job, plan: MachineSpec) -> dict[str, str]:
    trust = plan.domain.trust if plan.domain else Trust.ALONE
    return {
        labels.CCACHE: plan.project,
        labels.JOB: job.id,
        labels.PLATFORM: str(job.platform),
        labels.TRUST: trust.value,
        labels.DOMAIN: plan.domain.digest if plan.domain else "",
    }


def sizes(client: Client) -> dict[str, int]:
    """Volumes of the engine to their bytes; those that it does not know are left out, and so are all if it is too busy."""
    try:
        url = client._url("/system/df")
        found = client._result(client._get(url, params={"type": "volume"}), json=True)
    except (APIError, RequestException):
        return {}
    used = {each["Name"]: each.get("UsageData") or {} for each in found.get("Volumes") or ()}
    return {name: usage["Size"] for name, usage in used.items() if usage.get("Size", -1) >= 0}


def is_there(client: Client, volume: str) -> bool:
    """Whether the volume exists: mounting would make it."""
    try:
        return bool(volume) and bool(client.inspect_volume(volume))
    except NotFound:
        return False
