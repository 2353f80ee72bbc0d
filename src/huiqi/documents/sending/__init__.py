"""Notices on further ways than the inbox: e-mail and SMS, by what each person wishes, with proof of each.

A message outside says what kind of news there is, its number, and where to sign in. It carries nothing of the matter and no name,
because it passes through servers and over screens that are not the person's own: a telephone on a counter shows an SMS to whoever
stands there, a mailbox is shared in a family or an office, and providers keep what they carry. Whoever may read the matter is
asked when it is opened, here, and nowhere else (Personal Information Protection Law, articles 6 and 9; a withheld identity
is kept in notifications too). And what holds no names cannot be broken by one: no line break in a name ever reaches a
header.

The way of a notice: it is written (:mod:`huiqi.documents.telling`); the job reads that in the journal and makes a
:class:`~huiqi.documents.models.Dispatch` for each reader and channel (:mod:`.planning`); when its time has come it is
judged again, claimed and sent (:mod:`.outbox`). :mod:`.proof` tells afterwards what became of it.
"""
