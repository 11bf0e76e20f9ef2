"""Images that the engine has, and how old they are."""

import datetime
from collections.abc import Mapping
from typing import Any

from docker.errors import ImageNotFound

from ciforge.engines.client import Client, translated
from ciforge.errors import EngineError
from ciforge.model.platform import Platform

MOST_DAYS = 30
"""After so many days an image that ciforge made is made again, for the packages of a release change."""


def find(client: Client, name: str, platform: Platform) -> dict[str, Any] | None:
    """A local image, if it is for that platform: an engine would use another one without a word."""
    try:
        with translated(f"looking for the image {name}"):
            found: dict[str, Any] = client.inspect_image(name)
    except EngineError as error:
        if isinstance(error.__cause__, ImageNotFound):
            return None
        raise
    here = Platform(found.get("Os", ""), found.get("Architecture", ""), found.get("Variant", ""))
    return found if _same(here, platform) else None


def _same(here: Platform, wanted: Platform) -> bool:
    """Whether an image fits; images of 64-bit arm say `v8` or nothing."""
    if (here.os, here.cpu) != (wanted.os, wanted.cpu):
        return False
    return wanted.cpu != "arm" or not here.version or here.version == wanted.version


def days_over(image: Mapping[str, Any], now: float) -> int:
    """The age of an image in days where that is too old, else 0; `now` in seconds since 1970."""
    try:
        made = datetime.datetime.fromisoformat(str(image.get("Created", ""))).timestamp()
    except (ValueError, OverflowError):
        return 0
    days = int((now - made) // 86400)
    return days if days > MOST_DAYS else 0
