"""The pages: server-rendered, complete without JavaScript, Chinese first and English complete.

Templates know no queries and views know no rules: a view reads answers (``answers``), asks a service of the kernel
and hands the result to a template. How a figure, a date or an icon looks is decided once, in ``formats`` and
``icons``; how a judgement is put into a sentence, in ``sentences``.
"""
