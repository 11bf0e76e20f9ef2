"""Composes the message of a notice."""

from urllib.parse import quote

from ciforge.mail.header_text import header_text, message_id
from ciforge.mail.html_body import html
from ciforge.mail.notice_content import page
from ciforge.mail.text_body import plain
from ciforge.mail.wording import subject
from ciforge.model.incident import Routing, TransitionKind
from ciforge.model.message import Message, Notice, Thread
from ciforge.model.project import Mail

_IN_MAILTO = "@+!$'*-._~"
"""Characters of an address that `mailto:` takes as they are (RFC 6068)."""
DAYS = 5
"""Days for which delivery is retried (RFC 5321, 4.5.4.1: at least four to five days)."""
_LONGEST = 120
"""Characters of a subject, without its tag."""


def compose(notice: Notice, mail: Mail, to: tuple[str, ...], thread: Thread | None) -> Message:
    """The message to all of `to`, in `thread`; None starts a new thread.

    A new thread may refer to an older one: for a cause that returned, or another one of the same jobs.
    """
    reply = thread is not None and not _begins(notice)
    text = thread.subject if reply and thread else header_text(subject(notice), _LONGEST)
    content = page(notice)
    return Message(
        message_id=message_id(notice.id, mail.sender),
        notice=notice.id,
        kind=notice.change.kind.value if notice.change else "digest",
        incident=notice.change.incident.id if notice.change else "",
        sender=mail.sender,
        to=to,
        subject=f"{'Re: ' if reply else ''}{_tag(notice, mail)} {text}",
        headers=_headers(notice, mail),
        text=plain(content),
        html=html(text, content) if mail.format == "html" else None,
        in_reply_to=thread.root if reply and thread else "",
        references=tuple(dict.fromkeys((thread.root, thread.last))) if thread else (),
        created=notice.at,
        expires=notice.at + DAYS * 86400,
    )


def _begins(notice: Notice) -> bool:
    """Whether it is the first mail of a thread, though it may refer to an older thread."""
    change = notice.change
    return (
        change is None or change.routing is Routing.ROOT or change.kind is TransitionKind.RETURNED
    )


def _tag(notice: Notice, mail: Mail) -> str:
    return header_text(mail.tag, 60) or f"[{notice.project}]"


def _headers(notice: Notice, mail: Mail) -> tuple[tuple[str, str], ...]:
    """RFC 3834 (Auto-Submitted), 2919 (List-Id), 2369 (List-Unsubscribe)."""
    host = mail.sender.rpartition("@")[2]
    contact = mail.reply_to or mail.sender
    headers = [
        ("Auto-Submitted", "auto-generated"),
        ("List-Id", f"<{mail.list_id or f'{notice.project}.ciforge.{host}'}>"),
        ("List-Unsubscribe", f"<mailto:{quote(contact, safe=_IN_MAILTO)}?subject=unsubscribe>"),
    ]
    if mail.reply_to:
        headers.insert(0, ("Reply-To", mail.reply_to))
    if notice.change:
        headers.append(("X-Ciforge-State", notice.change.kind.value))
        headers.append(("X-Ciforge-Incident", notice.change.incident.id))
    return tuple(headers)


def thread_of(message: Message, previous: Thread | None, subject: str) -> Thread:
    """The thread after this message; `subject` is the root's without tag and `Re:`."""
    if previous is None or not message.in_reply_to:
        return Thread(
            root=message.message_id, last=message.message_id, subject=subject, to=message.to
        )
    return Thread(
        root=previous.root,
        last=message.message_id,
        subject=previous.subject,
        to=tuple(dict.fromkeys((*previous.to, *message.to))),
    )
