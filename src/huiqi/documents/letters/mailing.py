"""Letters by e-mail: where an addressee is reached, and what the e-mail says.

Where whoever takes part in a matter is reached knows only the package of the matter. It says so here, in the ``ready`` of its
application::

    from huiqi.documents.letters import mailing
    mailing.mailboxes["case"] = lambda letter: Mailbox("li@example.com", "zh-hans")

The e-mail names the office and the number of the letter, and nobody: the name of a withheld addressee stands neither in it nor in
the file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from huiqi.rules.words import Words

from ..addresses import address_of
from ..models.sending import EMAIL
from ..sending.channels import File, Message
from ..sending.planning import reached
from ..sending.wording import one_line

if TYPE_CHECKING:
    from huiqi.registry.models import Person

    from ..models import Letter, LetterMail

#: A try that has been under way for so long is under way no more: its process has died.
STALE = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Mailbox:
    """An address, and the language of whoever reads it."""

    address: str
    language: str


#: Where the addressee of a letter is reached, by the kind of its matter.
mailboxes: dict[str, Callable[[Letter], Mailbox | None]] = {}


def of_person(person: Person) -> Mailbox | None:
    """The address that somebody has shown to be hers."""
    contact = reached(person, EMAIL) if person.is_active else None
    return Mailbox(contact.address, person.language) if contact is not None else None


def mailbox_of(letter: Letter) -> Mailbox | None:
    """Where the addressee of a letter is reached by e-mail; None where no address is known for certain."""
    asked = mailboxes.get(letter.about_kind)
    if asked is not None:
        return asked(letter)
    return of_person(letter.addressee_person) if letter.addressee_person is not None else None


def message_of(mail: LetterMail, language: str) -> Message:
    """The e-mail with the letter as it was issued."""
    letter, verify = mail.letter, address_of("verify")
    organ, number = letter.organ.name, one_line(letter.number, 60)
    subject = Words(f"惠企：一份文书，{number}", f"Huiqi: a letter, {number}").of(language)
    text = Words(
        f"附件是{organ.zh}发给你的文书，编号 {number}。\n\n是不是真的，可以在这里核验：\n{verify}\n\n"
        "这封信由系统发出，请不要直接回复；怎样联系承办机关，文书里写着。\n",
        f"Attached is a letter to you from {organ.en}, No. {number}.\n\nCheck here that it is genuine:\n{verify}\n\n"
        "This e-mail was sent by a machine: do not answer it. How to reach the office stands in the letter.\n",
    ).of(language)
    return Message(mail.key.hex, subject, text, (File(f"{number}.pdf", "application/pdf", bytes(letter.file.pdf)),))
