"""Duties: this organ shall do that, by then. Definitions are data; obligations are opened, watched and closed by the journal."""
