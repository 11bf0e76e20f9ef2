"""Recipients and mails by the `mail:` section of a project."""

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
    """The MailRouter of a project's `mail:` section."""

    mail: Mail
    names: Names

    def recipients(self, notice: Notice, thread: Thread | None = None) -> tuple[str, ...]:
        """By the first route that matches."""
        return recipients(notice, self.mail, self._matches, thread.to if thread else ())

    def message(
        self, notice: Notice, to: tuple[str, ...], thread: Thread | None
    ) -> tuple[Message, Thread]:
        """The mail, and its thread afterwards."""
        message = compose(notice, self.mail, to, thread)
        return message, thread_of(message, thread, header_text(subject(notice)))

    def _matches(self, selector: str, job: str) -> bool:
        return means_id(selector, job, self.names)


def mailing(project: Project, names: Names) -> Mailing:
    """The router of a project; without routes, all mail goes to the sender."""
    mail = project.mail or Mail(sender=_NOWHERE)
    if not mail.routes:
        mail = attrs.evolve(mail, routes=(Route(job="*", to=(mail.sender,)),))
    return Mailing(mail=mail, names=names)
