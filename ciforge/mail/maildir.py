"""Delivery into a Maildir, which needs no configuration and which any mail reader opens."""

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
        """Stores the mail in `new`, once, however often the same one is sent."""
        # The name is made of the Message-ID, so that a mail delivered before a crash is found again.
        name = hashlib.sha256(envelope.message_id.encode()).hexdigest()[:32] + ".ciforge"
        try:
            for name_ in _FOLDERS:
                (self.folder / name_).mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._is_there(name):
                self._write(name, envelope.data.replace(b"\r\n", b"\n"))
        except OSError as error:
            return all_of(
                envelope.recipients, DeliveryStatus.LATER, f"{self.name}: {error.strerror}"
            )
        return all_of(envelope.recipients, DeliveryStatus.ACCEPTED, "")

    def _is_there(self, name: str) -> bool:
        """Whether the mail is in `new` or `cur`; a reader moves it to `cur` and appends `:2,FLAGS`."""
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
