"""The project's routes and words for the mails that following a run brings about."""

import attrs

from ciforge.mail.compose import compose, thread_of
from ciforge.mail.header_text import header_text
from ciforge.mail.routing import recipients
from ciforge.mail.wording import subject
from ciforge.model.message import Message, Notice, Thread
from ciforge.model.project import Mail, Project, Route
from ciforge.plan.selector import Names, means_id

_NOWHERE = "ciforge@localhost"


@attrs.frozen(kw_only=True)
class Mailing:
    """A Post by the rules of `mail:`."""

    mail: Mail
    names: Names

    def recipients(self, notice: Notice) -> tuple[str, ...]:
        """By the first route that matches."""
        return recipients(notice, self.mail, self._matches)

    def message(
        self, notice: Notice, to: tuple[str, ...], thread: Thread | None
    ) -> tuple[Message, Thread]:
        """The mail, and its thread afterwards."""
        message = compose(notice, self.mail, to, thread)
        words = header_text(subject(notice))
        return message, thread_of(message, thread, words)

    def _matches(self, selector: str, job: str) -> bool:
        return means_id(selector, job, self.names, negation=True)


def mailing(project: Project, names: Names) -> Mailing:
    """Of a project; where it says nobody to write to, everything goes to the sender."""
    mail = project.mail or Mail(sender=_NOWHERE)
    if not mail.routes:
        mail = attrs.evolve(mail, routes=(Route(job="*", to=(mail.sender,)),))
    return Mailing(mail=mail, names=names)
