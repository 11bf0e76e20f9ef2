"""`ciforge mail`: manages the outbox."""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs
import click

from ciforge.app.notification import send_due
from ciforge.app.session import print_progress
from ciforge.app.workspace import open_workspace, state_folder
from ciforge.cli import completers, options
from ciforge.errors import UsageError
from ciforge.load.url_validators import address
from ciforge.mail.test_message import test_message
from ciforge.mail.transport import MailError
from ciforge.mail.transport_config import transport
from ciforge.model.message import Delivery, Queued, Recipient, short_id
from ciforge.notify.mail_settings import mailing
from ciforge.sanitize import safe_line
from ciforge.store.documents import to_object
from ciforge.store.incidents.incident_database import Incidents
from ciforge.store.incidents.outbox import Outbox
from ciforge.timestamp import utc

ACTIONS = ("list", "show", "flush", "retry", "drop", "test")
_ENDED = (Delivery.REFUSED, Delivery.EXPIRED, Delivery.DROPPED)


@click.command("mail")
@click.argument("action", type=click.Choice(ACTIONS), default="list", metavar="[ACTION]")
@click.argument("names", nargs=-1, metavar="[ID|ADDRESS]...", shell_complete=completers.mails)
@click.option("--all", "every", is_flag=True, help="List delivered and dropped mail, too.")
@options.JSON
@options.FILE
@options.STATE
@click.pass_context
def command(
    ctx: click.Context,
    action: str,
    names: tuple[str, ...],
    every: bool,
    as_json: bool,
    file: Path | None,
    state_dir: Path | None,
) -> None:
    """Manage the outbox: list, show, retry or drop mail.

    \b
      ciforge mail                      queued and failed mail
      ciforge mail list --all           delivered and dropped mail, too
      ciforge mail show ID              a mail as it is sent, and its recipients
      ciforge mail flush                try to deliver all queued mail now
      ciforge mail retry [ID]...        retry refused and expired mail, or the given mail
      ciforge mail drop ID...           do not send the given mail
      ciforge mail test ADDRESS...      send a test mail now, bypassing the outbox

    Recipients are set in `ciforge.yml`:

    \b
      mail: {from: ci@example.org, routes: [{job: "*", to: team@example.org}]}

    An ID is the beginning of a mail's Message-ID, as printed by `list`. $CIFORGE_MAIL sets how mail
    is sent: `sendmail:`, `maildir:FOLDER`, `smtps://[USER@]HOST`, `smtp://[USER@]HOST` (STARTTLS
    with a verified certificate), `smtp+plain://localhost`. The default is a Maildir in the state
    folder. The password is $CIFORGE_MAIL_PASSWORD, or the first line of the file named by
    $CIFORGE_MAIL_PASSWORD_FILE or of the output of $CIFORGE_MAIL_PASSWORD_COMMAND. Certificates of
    your own authority are read from the file named by $CIFORGE_MAIL_CA.

    Exits 4 if mail could not be delivered, 2 if $CIFORGE_MAIL is invalid.
    """
    workspace = open_workspace(file, Path.cwd().resolve())
    state = state_folder(workspace.project.project, state_dir)
    if action == "test":
        sender = mailing(workspace.project, workspace.plan.names).mail.sender
        ctx.exit(_test(state, sender, names))
    if not (state / "incidents.db").exists():
        print_progress("no mail yet: `ciforge run --notify` and `ciforge notify` queue mail")
        return
    with Incidents.open(state) as incidents:
        outbox = incidents.outbox
        if action == "list":
            _list(outbox, names, every=every, as_json=as_json)
        elif action == "show":
            _show(_named(outbox, names))
        else:
            ctx.exit(_CHANGES[action](state, incidents, names))


def _list(outbox: Outbox, names: Sequence[str], *, every: bool, as_json: bool) -> None:
    found = _named(outbox, names) if names else outbox.all()
    shown = [mail for mail in found if every or names or not _is_done(mail)]
    for mail in shown:
        for line in _json_line(mail) if as_json else _lines(mail):
            click.echo(line)
    if not shown:
        rest = f" ({len(found)} delivered or dropped, see --all)" if found else ""
        print_progress(f"no queued or failed mail{rest}")


def _is_done(mail: Queued) -> bool:
    return all(
        recipient.delivery in (Delivery.SENT, Delivery.DROPPED) for recipient in mail.recipients
    )


def _lines(mail: Queued) -> Iterator[str]:
    yield f"{short_id(mail.message)}  {_stamp(mail.message.created)}  {safe_line(mail.message.subject, 120)}"
    for recipient in mail.recipients:
        tries = f", tried {recipient.attempts} times" if recipient.attempts > 1 else ""
        again = (
            f", next try {_stamp(recipient.next_try)}"
            if _waits(recipient) and recipient.attempts
            else ""
        )
        reply = f": {safe_line(recipient.reply)}" if recipient.reply else ""
        yield f"    {recipient.delivery.value:8}  {safe_line(recipient.address)}{tries}{again}{reply}"


def _waits(recipient: Recipient) -> bool:
    return recipient.delivery is Delivery.QUEUED


def _stamp(at: float) -> str:
    return f"{utc(at):%Y-%m-%d %H:%M}"


def _json_line(mail: Queued) -> Iterator[str]:
    message = mail.message
    recipients = [to_object(recipient) for recipient in mail.recipients]
    yield json.dumps(
        {
            "v": 1, "id": short_id(message), "message_id": message.message_id, "kind": message.kind,
            "incident": message.incident, "subject": message.subject, "created": message.created,
            "expires": message.expires, "recipients": recipients,
        }
    )  # fmt: skip


def _show(found: Sequence[Queued]) -> None:
    for mail in found:
        message = mail.message
        rows = [
            ("From", message.sender), ("To", ", ".join(message.to)), ("Subject", message.subject),
            ("Message-ID", message.message_id), ("In-Reply-To", message.in_reply_to),
            ("References", " ".join(message.references)), *message.headers,
        ]  # fmt: skip
        for name, value in rows:
            if value:
                click.echo(f"{name}: {safe_line(value)}")
        click.echo()
        for line in message.text.splitlines():
            click.echo(safe_line(line))
        for line in list(_lines(mail))[1:]:
            print_progress(line.strip())


def _named(outbox: Outbox, names: Sequence[str]) -> list[Queued]:
    """The mails whose ids begin with these texts. Raises UsageError."""
    if not names:
        raise UsageError("which mail?", hint="`ciforge mail list --all` shows their ids")
    found = {name: outbox.find(name) for name in names}
    unknown = [name for name, mails in found.items() if not mails]
    if unknown:
        raise UsageError(
            f"no mail has an id that begins with {unknown[0]!r}",
            hint="`ciforge mail list --all` shows their ids",
        )
    return list(
        {mail.message.message_id: mail for mails in found.values() for mail in mails}.values()
    )


def _flush(state: Path, incidents: Incidents, names: Sequence[str]) -> int:
    outbox = incidents.outbox
    chosen = _named(outbox, names) if names else outbox.pending()
    _set(outbox, chosen, _waits, _now)
    return send_due(state, incidents, "no mail is queued")


def _retry(state: Path, incidents: Incidents, names: Sequence[str]) -> int:
    outbox = incidents.outbox
    chosen = _named(outbox, names) if names else outbox.all()
    wanted = _ENDED if names else _ENDED[:2]
    _set(outbox, chosen, lambda recipient: recipient.delivery in wanted, _again)
    return send_due(state, incidents, "no mail was refused or has expired")


def _drop(_state: Path, incidents: Incidents, names: Sequence[str]) -> int:
    outbox = incidents.outbox
    count = _set(outbox, _named(outbox, names), _waits, _dropped)
    print_progress(f"dropped for {count} recipients; `ciforge mail retry ID` undoes this")
    return 0


def _now(recipient: Recipient) -> Recipient:
    return attrs.evolve(recipient, next_try=0.0)


def _again(recipient: Recipient) -> Recipient:
    return attrs.evolve(recipient, delivery=Delivery.QUEUED, attempts=0, next_try=0.0)


def _dropped(recipient: Recipient) -> Recipient:
    return attrs.evolve(recipient, delivery=Delivery.DROPPED)


def _set(
    outbox: Outbox,
    mails: Sequence[Queued],
    wanted: Callable[[Recipient], bool],
    change: Callable[[Recipient], Recipient],
) -> int:
    """Changes the matching recipients; their number."""
    changed = [
        change(recipient) for mail in mails for recipient in mail.recipients if wanted(recipient)
    ]
    outbox.put(changed)
    return len(changed)


_CHANGES = {"flush": _flush, "retry": _retry, "drop": _drop}


def _test(state: Path, sender: str, to: Sequence[str]) -> int:
    if not to:
        raise UsageError("to which address?", hint="ciforge mail test you@example.org")
    for recipient in to:
        try:
            address(recipient)
        except ValueError as error:
            raise UsageError(safe_line(str(error), 200)) from None
    mailer = transport(os.environ, state)
    print_progress(f"sending by {mailer.name}, from {sender}")
    if mailer.name.startswith("maildir:"):
        print_progress("this is a local folder: the mail does not leave this machine")
    answers = mailer.send(test_message(sender, tuple(to), time.time()))
    for recipient, answer in answers.items():
        reply = f": {safe_line(answer.text)}" if answer.text else ""
        click.echo(f"{answer.status.value}  {safe_line(recipient)}{reply}")
    failed = any(answer.status.value != "accepted" for answer in answers.values())
    return MailError.exit_code if failed else 0
