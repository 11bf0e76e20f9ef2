"""Mail through the local sendmail; its exit status (sysexits.h) decides."""

import os
import subprocess
from collections.abc import Mapping

import attrs

from ciforge.mail.transport import DeliveryStatus, Envelope, RecipientReply, all_of, reply_text
from ciforge.private import shared_umask

PLACES = ("/usr/sbin/sendmail", "/usr/lib/sendmail")
"""Its usual paths: hier(7) of the BSDs, and the Linux Standard Base."""
_FOR_GOOD = frozenset({os.EX_DATAERR, os.EX_NOUSER, os.EX_NOHOST})
"""Failures that no retry helps; a wrong setting or a full disk may be fixed tomorrow."""


@attrs.frozen(kw_only=True)
class Sendmail:
    """A program that takes a mail on its standard input."""

    program: str
    time_limit: float = 120.0
    """Seconds."""

    @property
    def name(self) -> str:
        return f"sendmail:{self.program}"

    def send(self, envelope: Envelope) -> Mapping[str, RecipientReply]:
        """One reply for each recipient; if all are refused at once, each is tried alone."""
        replies = self._send(envelope, envelope.recipients)
        if len(replies) > 1 and all(
            reply.status is DeliveryStatus.REFUSED for reply in replies.values()
        ):
            for recipient in envelope.recipients:
                replies |= self._send(envelope, (recipient,))
        return replies

    def _send(self, envelope: Envelope, to: tuple[str, ...]) -> dict[str, RecipientReply]:
        command = [self.program, "-i", "-f", envelope.sender, "--", *to]
        data = envelope.data.replace(b"\r\n", b"\n")
        try:
            done = subprocess.run(
                command,
                input=data,
                capture_output=True,
                timeout=self.time_limit,
                check=False,
                umask=shared_umask(),
            )
        except subprocess.TimeoutExpired:
            return all_of(
                to, DeliveryStatus.LATER, f"{self.name} timed out after {self.time_limit:.0f} s"
            )
        except OSError as error:
            return all_of(to, DeliveryStatus.LATER, f"{self.name}: {error.strerror or error}")
        if done.returncode == 0:
            return all_of(to, DeliveryStatus.ACCEPTED, reply_text(done.stderr))
        status = DeliveryStatus.REFUSED if done.returncode in _FOR_GOOD else DeliveryStatus.LATER
        text = reply_text(done.stderr or done.stdout)
        return all_of(to, status, f"{self.name}: exit status {done.returncode}: {text}")
