"""How dates and numbers look in each language (Django looks for ``<language>/formats.py`` here)."""
