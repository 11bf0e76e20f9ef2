"""The machine's own sendmail, by its exit codes (sysexits.h)."""

import os
import subprocess
from collections.abc import Mapping

import attrs

from ciforge.mail.transport import DeliveryStatus, Envelope, RecipientReply, all_of, words
from ciforge.private import shared_umask

PLACES = ("/usr/sbin/sendmail", "/usr/lib/sendmail")
"""Where one lies: hier(7) of the BSDs, and the Linux Standard Base."""
_FOR_GOOD = frozenset({os.EX_DATAERR, os.EX_NOUSER, os.EX_NOHOST})
"""What no other try mends; a wrong setting or a full disk may be mended tomorrow."""


@attrs.frozen(kw_only=True)
class Sendmail:
    """A program that takes a mail on its standard input."""

    program: str
    patience: float = 120.0
    """Seconds."""

    @property
    def name(self) -> str:
        return f"sendmail:{self.program}"

    def send(self, envelope: Envelope) -> Mapping[str, RecipientReply]:
        """One answer for each recipient; where all are refused at once, each is tried alone."""
        answers = self._send(envelope, envelope.recipients)
        if len(answers) > 1 and all(one.fate is DeliveryStatus.REFUSED for one in answers.values()):
            for recipient in envelope.recipients:
                answers |= self._send(envelope, (recipient,))
        return answers

    def _send(self, envelope: Envelope, to: tuple[str, ...]) -> dict[str, RecipientReply]:
        command = [self.program, "-i", "-f", envelope.sender, "--", *to]
        data = envelope.data.replace(b"\r\n", b"\n")
        try:
            done = subprocess.run(
                command,
                input=data,
                capture_output=True,
                timeout=self.patience,
                check=False,
                umask=shared_umask(),
            )
        except subprocess.TimeoutExpired:
            return all_of(
                to, DeliveryStatus.LATER, f"{self.name} did not end in {self.patience:.0f} s"
            )
        except OSError as error:
            return all_of(to, DeliveryStatus.LATER, f"{self.name}: {error.strerror or error}")
        if done.returncode == 0:
            return all_of(to, DeliveryStatus.ACCEPTED, words(done.stderr))
        fate = DeliveryStatus.REFUSED if done.returncode in _FOR_GOOD else DeliveryStatus.LATER
        said = words(done.stderr or done.stdout)
        return all_of(to, fate, f"{self.name} ended with {done.returncode}: {said}")
