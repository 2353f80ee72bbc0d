"""Cases: a matter, its parties, a procedure with deadlines, a reasoned decision (articles 52 and 56 of the measures)."""
