"""Why: the 57 articles of the measures as data."""
