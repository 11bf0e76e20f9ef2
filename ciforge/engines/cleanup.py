"""Objects that ciforge leaves in an engine: kept containers, old images, caches."""

import datetime
import time
from collections.abc import Iterator, Mapping
from typing import Any

from docker.errors import APIError

from ciforge.engines import labels
from ciforge.engines.cache_volume import sizes
from ciforge.engines.client import Client, translated
from ciforge.engines.container import remove
from ciforge.engines.protocol import CleanupRequest
from ciforge.model.trust_domain import Trust

_MIB = 1024**2


def clean(
    client: Client, project: str, before: float, wanted: CleanupRequest, *, only_say: bool
) -> Iterator[str]:
    """Removes what is older than `before` (seconds since 1970), or only finds it; a name for each."""
    with translated("cleaning up"):
        yield from _containers(client, project, before, only_say=only_say)
        if wanted.images:
            yield from _images(client, before, only_say=only_say)
        if wanted.images or wanted.caches:
            yield from _caches(client, project, before, every=wanted.caches, only_say=only_say)


def _containers(client: Client, project: str, before: float, *, only_say: bool) -> Iterator[str]:
    """Kept containers, except those of a run that may still be running."""
    now = time.time()
    marks = [labels.KEPT, f"{labels.PROJECT}={project}"]
    for container in client.containers(all=True, filters={"label": marks}):
        if container["Created"] < before and not labels.may_be_used(container["Labels"], now):
            if not only_say:
                remove(client, container["Id"])
            yield f"container {container['Id'][:12]} of {container['Labels'].get(labels.JOB, '?')}"


def _images(client: Client, before: float, *, only_say: bool) -> Iterator[str]:
    """Dependency images and the remains of failed builds; those that a container uses stay."""
    used = {container["ImageID"] for container in client.containers(all=True)}
    for image in client.images(all=False, filters={"label": labels.IMAGE}):
        old = image["Created"] < before and image["Id"] not in used
        if old and (only_say or _remove_image(client, image)):
            yield f"image {_name(image)}, {image['Size'] // _MIB} MiB"


def _remove_image(client: Client, image: Mapping[str, Any]) -> bool:
    """False for one that another image is built on: it goes with that one."""
    try:
        client.remove_image(_name(image))
    except APIError as error:
        if error.status_code != 409:
            raise
        return False
    return True


def _name(image: Mapping[str, Any]) -> str:
    names = [name for name in image.get("RepoTags") or () if not name.startswith("<none>")]
    return str(names[0] if names else image["Id"])


def _caches(
    client: Client, project: str, before: float, *, every: bool, only_say: bool
) -> Iterator[str]:
    """Every cache of the project, or those of working trees that are old; used ones stay."""
    found = client.volumes(filters={"label": f"{labels.CCACHE}={project}"})["Volumes"] or ()
    bytes_of = sizes(client) if found else {}
    for cache in found:
        marks = cache["Labels"]
        made = datetime.datetime.fromisoformat(cache["CreatedAt"])
        old = marks.get(labels.TRUST) == Trust.TREE.value and made.timestamp() < before
        if (every or old) and (only_say or _remove_volume(client, cache["Name"])):
            whose = marks.get(labels.JOB, cache["Name"])
            domain = f" ({marks[labels.TRUST]})" if labels.TRUST in marks else ""
            size = f", {bytes_of[cache['Name']] // _MIB} MiB" if cache["Name"] in bytes_of else ""
            yield f"cache of {whose}{domain}, made {made:%Y-%m-%d}{size}"


def _remove_volume(client: Client, name: str) -> bool:
    """False if a container uses it."""
    try:
        client.remove_volume(name)
    except APIError as error:
        if error.status_code != 409:
            raise
        return False
    return True
