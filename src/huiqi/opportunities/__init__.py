"""What you may have: the policy library, the assessment of an enterprise, the match of a roster, the search."""
