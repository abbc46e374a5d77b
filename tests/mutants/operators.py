"""What is changed to make a mutant: by some operators of cosmic-ray, and by those for statements, cases and entries."""

from itertools import pairwise

from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider
from parso.python.tree import Name
from parso.tree import search_ancestor

# Those of cosmic-ray: of one operator by another, the replacements that are a likely mistake.
CHOSEN = (
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_BitAnd_BitOr",
    "ReplaceBinaryOperator_BitOr_BitAnd",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceUnaryOperator_Delete_Invert",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceBreakWithContinue",
    "ExceptionReplacer",
    "RemoveDecorator",
)


ENTRIES = ("testlist_comp", "dictorsetmaker")
TEXTS = ("string", "strings")
NEEDED = ("import_name", "import_from", "return_stmt")


class Edit(Operator):
    """An operator that puts code in the place of some children of a node: of those from `first` up to `after`."""

    def edits(self, node):
        """Return what can be done to a node, as (first, after, code)."""
        raise NotImplementedError

    def mutation_positions(self, node):
        places = [(node.children[first], node.children[after - 1]) for first, after, _code in self.edits(node)]
        return [(first.start_pos, last.end_pos) for first, last in places]

    def mutate(self, node, index):
        first, after, code = list(self.edits(node))[index]
        replaced = node.children[first]
        node.children[first:after] = [Name(code, replaced.start_pos, replaced.get_first_leaf().prefix)]
        return node

    @classmethod
    def examples(cls):
        return ()


class DeleteStatement(Edit):
    """Delete a statement: a call, a raise, a yield, a field of a class.

    Not what only returns, or gives a name to something, without which nothing runs; nor what is a case by itself.
    """

    def edits(self, node):
        if node.type != "simple_stmt":
            return
        statement, around = node.children[0], node.parent.parent
        is_in = around.type if around else "module"
        is_named = (
            statement.type == "expr_stmt" and statement.children[0].type == "name" and statement.children[1] == "="
        )
        is_needed = statement.type in NEEDED or statement == "return" or (is_named and is_in != "classdef")
        is_case = is_in == "if_stmt" and node.parent.children[1:] == [node]
        if not (statement.type in TEXTS or statement == "pass" or is_needed or is_case):
            yield 0, 1, "pass"


class DeleteCase(Edit):
    """Never take a case; always take it where there is another one after it; never filter."""

    def edits(self, node):
        if node.type in ("if_stmt", "while_stmt"):
            for place, child in enumerate(node.children):
                if child in ("if", "elif", "while"):
                    yield place + 1, place + 2, "False"
                    if len(node.children) > place + 4:
                        yield place + 1, place + 2, "True"
        elif node.type == "test" and node.children[1] == "if":
            yield 2, 3, "False"
            yield 2, 3, "True"
        elif node.type == "comp_if":
            yield 1, 2, "True"


class DeleteEntry(Edit):
    """Delete an entry of a list, a tuple, a set or a dict; not of one for the API description alone."""

    def edits(self, node):
        if is_only_described(node):
            return
        if node.type in ENTRIES and node.children[-1].type != "sync_comp_for":
            commas = [place for place, child in enumerate(node.children) if child == ","]
            for before, after in pairwise([-1, *commas, len(node.children)]):
                if after > before + 1:
                    yield before + 1, after, "*()" if after == before + 2 else "**{}"
        elif (
            node.type == "atom"
            and node.children[0] in ("[", "{")
            and node.children[1].type not in (*ENTRIES, "operator")
        ):
            yield 1, 2, "*()"  # the only entry


def is_only_described(node):
    """Say whether a node is in what the API description alone shows: none of it changes what the service does."""
    statement, argument = search_ancestor(node, "expr_stmt"), search_ancestor(node, "argument")
    name = statement.children[0].get_code().strip() if statement else ""
    is_schema = name.endswith(("component_schema", "_SCHEMA"))
    return is_schema or (bool(argument) and argument.get_first_leaf().value == "metadata")


class IncreaseNumber(Edit):
    """Add 1 to a number."""

    def edits(self, node):
        for place, child in enumerate(getattr(node, "children", ())):
            if child.type == "number":
                yield place, place + 1, f"({child.value} + 1)"


class NegateMembership(Edit):
    """Look for what is not in, instead of what is in, and the other way round."""

    def edits(self, node):
        if node.type == "comparison":
            for place, child in enumerate(node.children):
                if child == "in":
                    yield place, place + 1, "not in"
                elif child.type == "comp_op" and child.children[1] == "in":
                    yield place, place + 1, "in"


OWN = {
    operator.__name__: operator
    for operator in (DeleteStatement, DeleteCase, DeleteEntry, IncreaseNumber, NegateMembership)
}
OPERATORS = OWN | {name: OperatorProvider()[name] for name in CHOSEN}
