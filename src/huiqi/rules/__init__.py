"""What applies: rules as SQL expressions over the fact dictionary, with three answers and an explanation.

A pure library: it imports no other part of Huiqi and no web framework.
"""

from .change import Change, ChangeSet, smallest_changes
from .dictionary import Dictionary, Fact, dictionary
from .explain import Condition, Explainer, Explanation, Gate, Reading
from .language import Language, RuleProblem, language
from .rule import Amount, Rule, parse_amount, parse_rule
from .values import ValueProblem, read_value
from .words import Words

__all__ = [
    "Amount",
    "Change",
    "ChangeSet",
    "Condition",
    "Dictionary",
    "Explainer",
    "Explanation",
    "Fact",
    "Gate",
    "Language",
    "Reading",
    "Rule",
    "RuleProblem",
    "ValueProblem",
    "Words",
    "dictionary",
    "language",
    "parse_amount",
    "parse_rule",
    "read_value",
    "smallest_changes",
]
