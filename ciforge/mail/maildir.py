"""A Maildir in a folder: mail that nobody has to set up, to be read by any mail reader."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import attrs

from ciforge.mail.transport import DeliveryStatus, Envelope, RecipientReply, all_of

_FOLDERS = ("tmp", "new", "cur")


@attrs.frozen(kw_only=True)
class Maildir:
    """One folder for all recipients."""

    folder: Path

    @property
    def name(self) -> str:
        return f"maildir:{self.folder}"

    def send(self, envelope: Envelope) -> Mapping[str, RecipientReply]:
        """The mail is in `new` when this ends, once, however often the same one is sent."""
        # The name tells which mail it is, so that one that was delivered before a crash is known.
        name = hashlib.sha256(envelope.message_id.encode()).hexdigest()[:32] + ".ciforge"
        try:
            for one in _FOLDERS:
                (self.folder / one).mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._is_there(name):
                self._write(name, envelope.data.replace(b"\r\n", b"\n"))
        except OSError as error:
            return all_of(
                envelope.recipients, DeliveryStatus.LATER, f"{self.name}: {error.strerror}"
            )
        return all_of(envelope.recipients, DeliveryStatus.ACCEPTED, "")

    def _is_there(self, name: str) -> bool:
        """A reader moves what was read to `cur`, and adds `:2,` and letters."""
        if (self.folder / "new" / name).exists():
            return True
        return any(
            entry.name.partition(":")[0] == name for entry in os.scandir(self.folder / "cur")
        )

    def _write(self, name: str, data: bytes) -> None:
        new = self.folder / "tmp" / f"{name}.{os.getpid()}"
        with new.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(self.folder / "new" / name)
        folder = os.open(self.folder / "new", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
