"""Tokens to a tree, by precedence climbing.

The grammar is that of DMN 1.5, section 10.3.1.2; a text with a mistake of syntax gives one
problem, the first. Which names are known comes in as two indexes, for names and for properties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from casewright.feel import tree
from casewright.feel.arithmetic import negate
from casewright.feel.cursor import Cursor
from casewright.feel.lexer import Token, unquoted
from casewright.feel.literals import literal_number, literal_temporal
from casewright.feel.names import may_continue
from casewright.feel.problems import SYNTAX, FeelError
from casewright.feel.values import is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from casewright.feel.types import Type

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER, _NEGATE, _INSTANCE = range(1, 9)
_LEVELS = (
    {"or": _OR, "and": _AND, "between": _COMPARE, "in": _COMPARE, "instance": _INSTANCE}
    | dict.fromkeys(_COMPARISONS, _COMPARE)
    | {"+": _ADD, "-": _ADD, "*": _MULTIPLY, "/": _MULTIPLY, "**": _POWER}
)
KEYWORDS = frozenset(
    [
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "between",
        "instance",
        "of",
        "function",
        "null",
        "true",
        "false",
    ]
)
_CONSTANTS = {"null": None, "true": True, "false": False}


class Parser(Cursor):
    """Reads one text."""

    _in_open_range = False

    def expression(self) -> tree.Node:
        """Return the tree of the whole text, an expression.

        Raises:
            FeelError: the text is none, or too long, or nested too deeply.
        """
        node = self._expression()
        self._expect_end()
        return node

    def unary_tests(self) -> tree.Tests:
        """Return the tree of the whole text, the tests of a table's cell.

        Raises:
            FeelError: the text is none, or too long, or nested too deeply.
        """
        token = self._token
        if token.text == "-" and self._peek().kind == "end":
            self._i += 1
            node = tree.Tests(token.start, token.end, ())
        elif token.text == "not" and self._peek().text == "(" and self._closes_at_end():
            self._i += 2
            tests = self._tests(")")
            node = tree.Tests(token.start, self._expect(")").end, tests, negated=True)
        else:
            tests = self._tests("")
            node = tree.Tests(token.start, self._last.end, tests)
        self._expect_end()
        return node

    def _expression(self, level: int = _OR) -> tree.Node:
        self._depth += 1
        if self._depth > self._limits.depth:
            self._too_deep(self._token)
        node = self._operand()
        while (found := self._operator()) >= level:
            node = self._grown(self._infix(node, found))
        self._depth -= 1
        return node

    def _operator(self) -> int:
        token = self._token
        return _LEVELS.get(token.text, 0) if token.kind in ("op", "name") else 0

    def _infix(self, left: tree.Node, level: int) -> tree.Node:
        op = self._token.text
        self._i += 1
        if level <= _AND:
            return self._junction(op, left, level)
        if op == "between":
            return self._between(left)
        if op == "in":
            tests = self._in_tests()
            return tree.Membership(left.start, tests.end, left, tests)
        if op == "instance":
            self._expect("of")
            found, self._i = self._known.types.parse(self.text, self._tokens, self._i)
            return tree.InstanceOf(left.start, self._last.end, left, found)
        if level == _COMPARE and op == "=" and self._is("="):
            self._i -= 1
            self._fail('unexpected "=="', self._token.start, self._token.end + 1, "FEEL writes =")
        right = self._expression(level + 1)
        make = tree.Comparison if level == _COMPARE else tree.Arithmetic
        return make(left.start, right.end, op, left, right)

    def _junction(self, op: str, left: tree.Node, level: int) -> tree.Node:
        items = [left, self._expression(level + 1)]
        while self._accept(op):
            items.append(self._expression(level + 1))
        return tree.Junction(left.start, items[-1].end, op, tuple(items))

    def _between(self, left: tree.Node) -> tree.Node:
        low = self._expression(_ADD)
        self._expect("and")
        high = self._expression(_ADD)
        return tree.Between(left.start, high.end, left, low, high)

    def _in_tests(self) -> tree.Tests:
        start = self._i
        if self._accept("("):
            tests = self._tests(")")
            if self._is(")"):
                self._i += 1
                return self._grown(tree.Tests(self._tokens[start].start, self._last.end, tests))
            self._i = start
        test = self._test(_ADD)
        return self._grown(tree.Tests(test.start, test.end, (test,)))

    def _tests(self, closer: str) -> tuple[tree.Node, ...]:
        tests = [self._test(_OR)]
        while self._accept(","):
            tests.append(self._test(_OR))
        if closer and not self._is(closer) and not self._is(".."):
            self._unexpected(f'"," or "{closer}"')
        return tuple(tests)

    def _test(self, level: int) -> tree.Node:
        token = self._token
        if token.kind == "op" and token.text in _COMPARISONS:
            self._i += 1
            operand = self._expression(_ADD)
            return self._grown(tree.UnaryTest(token.start, operand.end, token.text, operand))
        return self._expression(level)

    def _operand(self) -> tree.Node:
        enclosed = self._is("(")
        node = self._grown(self._primary())
        enclosed = enclosed or not isinstance(node, (tree.If, tree.For, tree.Quantified))
        while self._token.kind == "op":
            if self._accept("."):
                node = self._path(node)
            elif self._is("[") and enclosed:
                found = self._filter(node)
                if found is None:
                    break
                node = found
            elif self._is("("):
                node = self._call(node)
            else:
                break
            node = self._grown(node)
        return node

    def _primary(self) -> tree.Node:
        token = self._token
        if token.kind in ("number", "string", "at"):
            return self._literal(token)
        if token.kind == "name" and (name := self._long_name()) is not None:
            return name
        if token.kind in ("op", "name") and token.text in self._PREFIXES:
            return self._PREFIXES[token.text](self)
        if token.kind != "name" or (token.text in KEYWORDS and token.text not in _CONSTANTS):
            self._unexpected("a value")
        self._i += 1
        if token.text in _CONSTANTS:
            return tree.Literal(token.start, token.end, _CONSTANTS[token.text])
        return tree.Name(token.start, token.end, token.text)

    def _literal(self, token: Token) -> tree.Node:
        self._i += 1
        note = ""
        value: object
        if token.kind == "number":
            value = literal_number(token.text)
            if value is None:
                message = f"{token.text} is out of the range of FEEL numbers"
                self._fail(message, token.start, token.end)
        elif token.kind == "string":
            value = unquoted(token.text)
        else:
            value, note = literal_temporal(unquoted(token.text[1:].strip()))
        return tree.Literal(token.start, token.end, value, note)

    def _path(self, base: tree.Node) -> tree.Node:
        found = None
        if may_continue(self._peek()):
            found = self._longest(self._own, self._known.properties)
        if found is None:
            if self._token.kind != "name":
                self._unexpected("a name")
            found = self._token.text, 1
        self._i += found[1]
        return tree.Path(base.start, self._last.end, base, found[0])

    def _filter(self, base: tree.Node) -> tree.Node | None:
        start, depth = self._i, self._depth
        self._i += 1
        self._filters += 1
        try:
            condition = self._expression()
            end = self._expect("]").end
        except FeelError as error:
            if self._in_open_range and error.problems[0].code == SYNTAX:
                self._i, self._depth = start, depth
                return None
            raise
        finally:
            self._filters -= 1
        return tree.Filter(base.start, end, base, condition)

    def _call(self, function: tree.Node) -> tree.Node:
        self._expect("(")
        arguments: list[tree.Node] = []
        names: list[str] = []
        while not self._is(")"):
            name = self._argument_name()
            if name is not None:
                names.append(name)
            elif names:
                self._fail("either all arguments have names or none", self._token.start)
            arguments.append(self._expression())
            if not self._accept(","):
                break
        end = self._expect(")").end
        if names and len(names) != len(arguments):
            self._fail("either all arguments have names or none", function.start, end)
        return tree.Call(function.start, end, function, tuple(arguments), tuple(names))

    def _negation(self) -> tree.Node:
        start = self._token.start
        self._i += 1
        operand = self._expression(_NEGATE)
        if isinstance(operand, tree.Literal) and is_number(operand.value):
            return tree.Literal(start, operand.end, negate(operand.value))
        return tree.Negation(start, operand.end, operand)

    def _parenthesis(self) -> tree.Node:
        start = self._token.start
        self._i += 1
        if self._token.kind == "op" and self._token.text in _COMPARISONS:
            op = self._token.text
            self._i += 1
            operand = self._expression(_ADD)
            end = self._expect(")").end
            return self._half_range(start, end, op, operand)
        inner = self._expression()
        if self._accept(".."):
            return self._range(start, inner, low_included=False)
        self._expect(")")
        return inner

    def _half_range(self, start: int, end: int, op: str, operand: tree.Node) -> tree.Node:
        included = "=" in op and op != "!="
        if op.startswith("<"):
            return tree.RangeLiteral(start, end, None, operand, False, included, op)
        if op.startswith(">"):
            return tree.RangeLiteral(start, end, operand, None, included, False, op)
        if op == "=":
            return tree.RangeLiteral(start, end, operand, operand, True, True, op)
        return self._fail("!= makes no range", start, end)

    def _bracket(self) -> tree.Node:
        start = self._token.start
        self._i += 1
        if self._is("]"):
            self._i += 1
            return tree.ListLiteral(start, self._last.end, ())
        items = [self._expression()]
        if self._accept(".."):
            return self._range(start, items[0], low_included=True)
        while self._accept(","):
            items.append(self._expression())
        return tree.ListLiteral(start, self._expect("]").end, tuple(items))

    def _open_range(self) -> tree.Node:
        start = self._token.start
        self._i += 1
        low = self._expression(_ADD)
        self._expect("..")
        return self._range(start, low, low_included=False)

    def _range(self, start: int, low: tree.Node, *, low_included: bool) -> tree.Node:
        outer, self._in_open_range = self._in_open_range, True
        high = self._expression(_ADD)
        self._in_open_range = outer
        if not (self._is(")") or self._is("]") or self._is("[")):
            self._unexpected('")" or "]"')
        self._i += 1
        included = self._last.text == "]"
        return tree.RangeLiteral(start, self._last.end, low, high, low_included, included)

    def _context(self) -> tree.Node:
        start = self._token.start
        self._i += 1
        keys: list[str] = []
        items: list[tree.Node] = []
        while not self._is("}"):
            key = self._key()
            if key in keys:
                self._fail(f'the key "{key}" stands twice', self._last.start, self._last.end)
            items.append(self._expression())
            keys.append(key)
            self._own.add(key)
            if not self._accept(","):
                break
        return tree.ContextLiteral(start, self._expect("}").end, tuple(keys), tuple(items))

    def _key(self) -> str:
        if self._token.kind == "string":
            self._i += 1
            key = unquoted(self._last.text)
        else:
            key = self._name_before(":")
        self._expect(":")
        return key

    def _if(self) -> tree.Node:
        start = self._token.start
        self._i += 1
        condition = self._expression()
        self._expect("then")
        then = self._expression()
        self._expect("else")
        otherwise = self._expression()
        return tree.If(start, otherwise.end, condition, then, otherwise)

    def _for(self) -> tree.Node:
        start = self._token.start
        self._i += 1
        iterators = self._iterators()
        self._expect("return")
        body = self._expression()
        return tree.For(start, body.end, iterators, body)

    def _quantified(self) -> tree.Node:
        token = self._token
        self._i += 1
        iterators = self._iterators()
        self._expect("satisfies")
        body = self._expression()
        return tree.Quantified(token.start, body.end, token.text, iterators, body)

    def _iterators(self) -> tuple[tree.Iterator, ...]:
        found = [self._iterator()]
        while self._accept(","):
            found.append(self._iterator())
        return tuple(found)

    def _iterator(self) -> tree.Iterator:
        start = self._token.start
        name = self._name_before("in")
        self._own.add(name)
        self._expect("in")
        source = self._expression()
        last = self._expression() if self._accept("..") else None
        return self._grown(tree.Iterator(start, self._last.end, name, source, last))

    def _function(self) -> tree.Node:
        start = self._token.start
        self._i += 1
        self._expect("(")
        parameters: list[tuple[str, Type | None]] = []
        while not self._is(")"):
            name = self._name_before(",", ")", ":")
            self._own.add(name)
            kind = None
            if self._accept(":"):
                kind, self._i = self._known.types.parse(self.text, self._tokens, self._i)
            parameters.append((name, kind))
            if not self._accept(","):
                break
        self._expect(")")
        external = self._is("external") and self._peek().text == "{"
        if external:
            self._i += 1
        body = self._expression()
        return tree.FunctionLiteral(
            start,
            self._last.end,
            tuple(parameters),
            None if external else body,
        )

    _PREFIXES: ClassVar[Mapping[str, Callable[[Any], tree.Node]]] = {
        "if": _if,
        "for": _for,
        "some": _quantified,
        "every": _quantified,
        "function": _function,
        "(": _parenthesis,
        "[": _bracket,
        "]": _open_range,
        "{": _context,
        "-": _negation,
    }
