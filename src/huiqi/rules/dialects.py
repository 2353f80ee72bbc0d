"""A rule in the SQL of another engine: DuckDB, PostgreSQL or Spark."""

from __future__ import annotations

from sqlglot import exp

from .language import ARITHMETIC, COMPARISONS, Language

DIALECTS = ("duckdb", "postgres", "spark")


_LEVEL: dict[type[exp.Expression], int] = {
    exp.Or: 1,
    exp.And: 2,
    exp.Not: 3,
    **dict.fromkeys((*COMPARISONS, exp.Is, exp.In, exp.Between, exp.Like), 4),
    **dict.fromkeys(ARITHMETIC, 5),
    exp.Mul: 6,
    exp.Div: 6,
    exp.Neg: 7,
}


def spell(tree: exp.Expression) -> exp.Expression:
    """A copy with the parentheses that the tree needs (trees are kept without any) and no more."""
    tree = tree.copy()
    for node in list(tree.walk()):
        level, above = _LEVEL.get(type(node)), _LEVEL.get(type(node.parent)) if node.parent else None
        if level is None or above is None:
            continue
        chained = type(node) is type(node.parent) and isinstance(node, (exp.And, exp.Or))
        right = node.arg_key != "this" or level == 4
        if level < above or (level == above and right and not chained and not isinstance(node, exp.Not)):
            bracket = exp.Paren()
            node.replace(bracket)
            bracket.set("this", node)
    return tree


def text_of(node: exp.Expression) -> str:
    """The canonical text of a node; two nodes with one text are the same condition."""
    return str(spell(node).sql("duckdb"))


def inline(language: Language, tree: exp.Expression) -> exp.Expression:
    """Replace derived facts by their expressions, down to facts that are stored or computed."""

    def swap(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column):
            fact = language.dictionary[node.name]
            if fact.derived is not None:
                return inline(language, language.derived(node.name))
        return node

    return tree.copy().transform(swap)


def to_sql(language: Language, tree: exp.Expression, dialect: str) -> str:
    """The expression for an engine, over columns named as the stored facts.

    A divisor is guarded with ``nullif(…, 0)``, because engines differ on x / 0. PostgreSQL gets ``'x' = any(set)``,
    because sqlglot's own translation of array_contains turns an unknown set into FALSE; and its whole-number division
    is kept from truncating. Raises ValueError for an unknown dialect.
    """
    if dialect not in DIALECTS:
        raise ValueError(f"dialect {dialect!r}: one of {', '.join(DIALECTS)}")

    def swap(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Div):
            divisor = node.expression.unnest()
            zero = divisor.expression if isinstance(divisor, exp.Nullif) else None
            guarded = isinstance(zero, exp.Literal) and float(zero.this) == 0
            if not guarded and not (isinstance(divisor, exp.Literal) and float(divisor.this) != 0):
                node.set("expression", exp.Nullif(this=node.expression.copy(), expression=exp.Literal.number(0)))
        if isinstance(node, (exp.Least, exp.Greatest)) and not node.expressions:
            # Spark refuses the least of a single value.
            return node.this.transform(swap)
        if dialect == "postgres" and isinstance(node, exp.ArrayContains):
            return exp.EQ(this=node.expression.copy(), expression=exp.Any(this=exp.paren(node.this.copy())))
        return node

    return str(spell(inline(language, tree).transform(swap)).sql(dialect))
