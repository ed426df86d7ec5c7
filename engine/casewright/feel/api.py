"""The doors of the FEEL engine: compile, evaluate, explain."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from casewright.feel.budget import DEFAULT_LIMITS, Budget, Limits
from casewright.feel.check import Checker
from casewright.feel.codegen import Generator
from casewright.feel.deciding import Deciding, Search
from casewright.feel.explain import Explainer, Explanation
from casewright.feel.names import long_names
from casewright.feel.parser import Parser
from casewright.feel.parts import Parts
from casewright.feel.problems import LIMIT, UNEXPECTED_TYPE, FeelError, Problem
from casewright.feel.types import Type, accepts
from casewright.feel.values import normalized
from casewright.feel.vocabulary import FreeVocabulary, vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from casewright.feel.origins import Teller
    from casewright.feel.plan import FunctionCall, Plan
    from casewright.feel.scope import Scope
    from casewright.feel.tree import Node


class Expression:
    """A compiled expression; immutable, may be evaluated by several threads at once.

    Attributes:
        text: as it was written.
        tree: what was read.
        type: of its value, as far as it is known.
        reads: paths that it reads, such as ``("contact", "account", "name")``.
        calls: calls that it makes, with the values of literal arguments.
        value: compiled on first use; ``value(s, b)`` gives the value.
        true: compiled on first use; ``true(s, b)`` is whether the value is exactly true.
    """

    __slots__ = (
        "_explainer",
        "_generator",
        "_parts",
        "_plan",
        "_scope",
        "calls",
        "reads",
        "text",
        "tree",
        "true",
        "type",
        "value",
    )

    def __init__(
        self,
        text: str,
        node: Node,
        kind: Type,
        plan: Plan,
        generator: Callable[[], Generator],
        scope: Scope | None = None,
    ) -> None:
        self.text = text
        self.tree = node
        self.type = kind
        self.reads: frozenset[tuple[str, ...]] = frozenset(
            p for p, n in plan.reads.items() if n > 0
        )
        self.calls: tuple[FunctionCall, ...] = tuple(plan.made)
        self._plan = plan
        self._scope = scope
        self._generator = generator
        self._explainer: Explainer | None = None
        self._parts: Parts | None = None
        self.value: Callable[..., Any] = self._first_value
        self.true: Callable[..., bool] = self._first_true

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def _first_value(self, *arguments: object) -> Any:
        # Who kept this method instead of asking the expression again must not compile again.
        if self.value == self._first_value:
            self.value = self._compile("value")
        return self.value(*arguments)

    def _first_true(self, *arguments: object) -> bool:
        if self.true == self._first_true:
            self.true = self._compile("true")
        return bool(self.true(*arguments))

    def _compile(self, form: Any) -> Callable[..., Any]:
        return self._generator().compile(self.tree, form)

    def part(
        self, node: Node, scope: Scope | None = None, expect: Type | None = None
    ) -> Expression:
        """Return a part of the tree as an expression of its own, with the same text.

        Args:
            node: below nothing that declares names, such as a side of a comparison at the top.
            scope: in which it is meant; that of the whole without one.
            expect: type that the value must be able to have.

        Raises:
            FeelError: with all problems of the part.
        """
        return _checked(self.text, node, scope or self._scope, expect)

    def evaluate(
        self,
        context: Mapping[str, object] | None = None,
        *,
        strict: bool = False,
        budget: Budget | None = None,
        now: datetime | None = None,
    ) -> Any:
        """Return the value of an expression that was compiled without a scope.

        Args:
            context: values by name; floats are taken as the decimals that they print as.
            strict: raise where the value is null because of an error.
            budget: evaluation steps; 100,000 unless given.
            now: what ``now()`` gives.

        Raises:
            BudgetExceeded: the steps did not suffice.
            FeelError: ``strict``, and a part went wrong.
        """
        names = self._facts(context or {})
        value = self.value(names, budget or Budget(now=now))
        if strict and value is None and (found := self.explain(names, Budget(now=now)).reasons()):
            raise FeelError(self.text, found)
        return value

    def _facts(self, context: Mapping[str, object]) -> dict[str, object]:
        roots = {path[0] for path in self.reads}
        return {name: normalized(context[name]) for name in roots if name in context}

    def explain(self, s: object, b: Budget | None = None) -> Explanation:
        """Return the values of all sub-expressions for the same ``s`` as ``value`` takes."""
        return self._explained(s, b or Budget())

    def deciding(self, s: object, teller: Teller | None = None) -> tuple[Deciding, ...]:
        """Return the smallest parts that keep the condition from holding; () if it holds.

        Args:
            s: as ``true`` takes it.
            teller: says what only the maker of the scope knows.
        """
        return self._search(s, teller).of(self.tree)

    def origin(self, s: object, teller: Teller | None = None) -> str:
        """Return where its null comes from, in words; for an expression that is null on ``s``."""
        return self._search(s, teller).origin(self.tree)

    def seen(self, s: object) -> tuple[tuple[str, object], ...]:
        """Return the names that it reads, as written, with their values on ``s``."""
        return self._search(s, None).reads(self.tree)

    def _search(self, s: object, teller: Teller | None) -> Search:
        if self._parts is None:
            self._parts = Parts(self.text, self._plan, self._generator)
        return Search(self._parts, s, teller)

    def _explained(self, *arguments: object) -> Explanation:
        explainer = self._explainer
        if explainer is None:
            parameters = "s, b" if len(arguments) == 2 else "s, b, x"
            explainer = Explainer(self.text, self.tree, self._plan, self._generator(), parameters)
            self._explainer = explainer
        return explainer.explain(arguments)


def compile(
    text: str,
    scope: Scope | None = None,
    *,
    expect: Type | None = None,
    limits: Limits = DEFAULT_LIMITS,
    names: frozenset[str] = frozenset(),
) -> Expression:
    """Return a compiled expression.

    Args:
        text: FEEL, an expression.
        scope: what it may name; without one every name is read from the context.
        expect: type that the value must be able to have.
        limits: how long and how deep the text may be.
        names: names of several words that a context will have, where there is no scope; those
            that only contexts inside it have are written as ``.name``.

    Raises:
        FeelError: with all problems of the text.
    """
    try:
        node = _parser(text, scope, limits, names).expression()
    except RecursionError:
        raise _too_deep(text) from None
    return _checked(text, node, scope, expect)


def _checked(text: str, node: Node, scope: Scope | None, expect: Type | None) -> Expression:
    checker = Checker(scope)
    try:
        kind = checker.check(node)
    except RecursionError:
        raise _too_deep(text) from None
    if expect is not None and not accepts(expect, kind):
        message = f"a {expect} is needed here, this is a {kind}"
        checker.plan.problems.append(Problem(UNEXPECTED_TYPE, message, node.start, node.end))
    return _finished(text, node, kind, checker.plan, scope)


def _finished(text: str, node: Node, kind: Type, plan: Plan, scope: Scope | None) -> Expression:
    if plan.problems:
        raise FeelError(text, list(dict.fromkeys(plan.problems)))
    generator = partial(Generator, plan, scope.bindings if scope else {})
    return Expression(text, node, kind, plan, generator, scope)


def _too_deep(text: str) -> FeelError:
    """Return the error for a host that left too little of Python's stack."""
    return FeelError(text, [Problem(LIMIT, "the expression is nested too deeply", 0, len(text))])


def _parser(text: str, scope: Scope | None, limits: Limits, names: frozenset[str]) -> Parser:
    return Parser(text, FreeVocabulary(names) if scope is None else vocabulary(scope), limits)


class UnaryTests(Expression):
    """The compiled cell of a table; ``value`` and ``true`` take ``(s, b, x)``, x the input."""

    __slots__ = ()

    def _compile(self, form: Any) -> Callable[..., Any]:
        return self._generator().compile(self.tree, form, "s, b, x")

    def explain_input(self, s: object, b: Budget, x: object) -> Explanation:
        """Return the values of all sub-expressions for an input."""
        return self._explained(s, b, x)


def compile_unary(
    text: str,
    scope: Scope | None,
    input_type: Type,
    *,
    limits: Limits = DEFAULT_LIMITS,
    names: frozenset[str] = frozenset(),
) -> UnaryTests:
    """Return the compiled test of a cell; ``?`` in it is the input.

    Raises:
        FeelError: with all problems of the text.
    """
    try:
        node = _parser(text, scope, limits, names).unary_tests()
        checker = Checker(scope, input_type)
        kind = checker.check(node)
    except RecursionError:
        raise _too_deep(text) from None
    if checker.plan.problems:
        raise FeelError(text, list(dict.fromkeys(checker.plan.problems)))
    generator = partial(Generator, checker.plan, scope.bindings if scope else {}, input_type)
    return UnaryTests(text, node, kind, checker.plan, generator)


@lru_cache(maxsize=512)
def _compiled(text: str, names: frozenset[str]) -> Expression:
    return compile(text, names=names)


def evaluate(
    text: str,
    context: Mapping[str, object] | None = None,
    *,
    strict: bool = False,
    budget: Budget | None = None,
    now: datetime | None = None,
) -> Any:
    """Return the value of an expression for a context, which may have names of several words.

    Raises:
        FeelError: the text is no expression, or, if ``strict``, its value is null by an error.
        BudgetExceeded: it takes more than 100,000 steps.
    """
    context = context or {}
    expression = _compiled(text, long_names(context))
    return expression.evaluate(context, strict=strict, budget=budget, now=now)
