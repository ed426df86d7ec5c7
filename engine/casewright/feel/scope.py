"""What an expression may name: the interface between FEEL and the engine.

A scope is written by the engine, never by users: the ``read``, ``call`` and ``follow`` templates
in it are Python source that the compiler inlines.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from casewright.feel.types import ANY, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.feel.tree import Node

_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the scope.

    Attributes:
        type: its type.
        read: Python source over ``s`` and the bindings that gives the value.
        path: how ``Expression.reads`` calls it, for instance ``("event",)``.
    """

    type: Type
    read: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a :class:`Function`.

    Attributes:
        optional: may be left out; the call then gets null.
        from_scope: left out, it is read from the scope by its name.
        default: left out, this tree is evaluated in the scope of the call.
    """

    name: str
    type: Type = ANY
    optional: bool = False
    from_scope: bool = False
    default: Node | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the engine or of the host.

    Attributes:
        name: may hold spaces.
        result: type of what it gives.
        call: Python source with ``{0}``, ``{1}`` for the arguments, over ``s``, ``b`` and the
            bindings, such as ``s.has_role({0})``.
        reads: paths that a call reads besides its arguments.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: Type
    call: str
    reads: frozenset[tuple[str, ...]] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """Names, functions and types that an expression may use.

    Attributes:
        names: by the name as written.
        functions: by name; they go before built-ins of the same name.
        bindings: objects that the templates mention, by Python name; names that begin with ``_f_``,
            ``_k``, ``_t`` or ``_v`` are the compiler's own.
        types: named types for ``instance of``.
        strict: comparing unlike types, unknown names and wrong arguments are problems; else they
            give null as the standard says.
        derived: what the compiler works out once for this scope.
    """

    names: Mapping[str, Name] = field(default_factory=lambda: MappingProxyType({}))
    functions: Mapping[str, Function] = field(default_factory=lambda: MappingProxyType({}))
    bindings: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    types: Mapping[str, Type] = field(default_factory=lambda: MappingProxyType({}))
    strict: bool = True
    derived: dict[str, object] = field(default_factory=dict[str, object], init=False, repr=False)
