"""Letters of organs: their kinds, the sheet in the layout of GB/T 9704, their numbers, and what is done with them.

:mod:`.kinds`, :mod:`.composing` and :mod:`.rendering` know no database: a kind, its content and who writes to whom become
a PDF. :mod:`.acts` are the acts (draft, approve, issue, deliver), :mod:`.reading` says who reads and who handles,
:mod:`.verifying` answers whether a letter is genuine.
"""
