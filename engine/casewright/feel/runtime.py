"""The names that generated code calls."""

from __future__ import annotations

from decimal import DecimalException
from typing import TYPE_CHECKING

from casewright.feel import arithmetic, loops, operators, properties
from casewright.feel.builtins import as_builtin
from casewright.feel.builtins.registry import invoke as invoke_builtin
from casewright.feel.types import (
    instance_of,
)
from casewright.feel.values import NUMBERS, bounded

if TYPE_CHECKING:
    from collections.abc import Mapping

RUNTIME: Mapping[str, object] = {
    "_f_eq": operators.equal,
    "_f_ne": operators.unequal,
    "_f_lt": operators.less,
    "_f_le": operators.at_most,
    "_f_gt": operators.greater,
    "_f_ge": operators.at_least,
    "_f_not": operators.negated,
    "_f_passes": operators.passes,
    "_f_in": operators.in_range,
    "_f_add_n": arithmetic.add_numbers,
    "_f_sub_n": arithmetic.subtract_numbers,
    "_f_mul_n": arithmetic.multiply_numbers,
    "_f_div_n": arithmetic.divide_numbers,
    "_f_pow_n": arithmetic.power_numbers,
    "_f_concat": arithmetic.concat,
    "_f_bound": bounded,
    "_f_trim": arithmetic.trimmed,
    "_f_add_d": NUMBERS.add,
    "_f_sub_d": NUMBERS.subtract,
    "_f_mul_d": NUMBERS.multiply,
    "_f_trouble": DecimalException,
    "_f_add": arithmetic.add,
    "_f_sub": arithmetic.subtract,
    "_f_mul": arithmetic.multiply,
    "_f_div": arithmetic.divide,
    "_f_pow": arithmetic.power,
    "_f_neg": arithmetic.negate,
    "_f_get": properties.get,
    "_f_items": loops.items,
    "_f_span": loops.span,
    "_f_loop": loops.loop,
    "_f_loops": loops.loops,
    "_f_some": loops.some,
    "_f_every": loops.every,
    "_f_any": loops.holds_for_any,
    "_f_all": loops.holds_for_all,
    "_f_snapshot": loops.snapshot,
    "_f_index": loops.index,
    "_f_at": loops.at,
    "_f_keep": loops.keep,
    "_f_filter": loops.keep_or_index,
    "_f_map": loops.mapped,
    "_f_item": loops.item_name,
    "_f_range": loops.make_range,
    "_f_function": loops.function,
    "_f_invoke": loops.invoke,
    "_f_instance": instance_of,
    "_f_call": invoke_builtin,
    "_f_builtin": as_builtin,
}
