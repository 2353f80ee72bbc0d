"""Eight words of 64 bits that are worked on together, for numba: one instruction or two on any processor of today.

numba has no vector types of its own; these few functions say in LLVM's language what its optimiser would have to guess.
LLVM turns them into AVX2, AVX-512 or NEON instructions, whichever the machine has.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

_I32, _I64 = ir.IntType(32), ir.IntType(64)
_EIGHT = ir.VectorType(_I64, 8)


class Lanes(types.Type):  # type: ignore[misc]
    """The type of eight words."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


LANES = Lanes()


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, fe_type: Lanes) -> None:
        super().__init__(manager, fe_type, _EIGHT)


def _place(context: Any, builder: Any, array_type: Any, array: Any, index: Any, kind: ir.Type) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), kind.as_pointer())


@intrinsic
def load(_context: Any, array: Any, index: Any) -> Any:
    """load(array, index): the eight words of a uint64 array from an index on."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature.args[0], arguments[0], arguments[1], _EIGHT)
        return builder.load(place, align=8)

    return LANES(array, types.intp), code


@intrinsic
def store(_context: Any, array: Any, index: Any, lanes: Any) -> Any:
    """store(array, index, lanes): write eight words."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature.args[0], arguments[0], arguments[1], _EIGHT)
        builder.store(arguments[2], place, align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), code


@intrinsic
def stream(_context: Any, array: Any, index: Any, lanes: Any) -> Any:
    """stream(array, index, lanes): write eight words past the caches; array and index are multiples of 64 bytes."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature.args[0], arguments[0], arguments[1], _EIGHT)
        written = builder.store(arguments[2], place, align=64)
        written.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(_I32, 1)]))
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), code


@intrinsic
def both(_context: Any, first: Any, second: Any) -> Any:
    """both(a, b): AND."""
    return LANES(first, second), lambda context, builder, signature, arguments: builder.and_(*arguments)


@intrinsic
def either(_context: Any, first: Any, second: Any) -> Any:
    """either(a, b): OR."""
    return LANES(first, second), lambda context, builder, signature, arguments: builder.or_(*arguments)


@intrinsic
def ones(_context: Any, first: Any, second: Any) -> Any:
    """ones(a, b): how many bits are set in both together."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def function(name: str, result: ir.Type) -> Any:
            return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, [_EIGHT]), name)

        count = function("llvm.ctpop.v8i64", _EIGHT)
        sums = builder.add(builder.call(count, [arguments[0]]), builder.call(count, [arguments[1]]))
        return builder.call(function("llvm.vector.reduce.add.v8i64", _I64), [sums])

    return types.int64(first, second), code


@intrinsic
def lowest(_context: Any, bits: Any) -> Any:
    """lowest(bits): the place of the lowest bit that is set, of a word that has one."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(bits), code


@intrinsic
def within(_context: Any, codes: Any, index: Any, low: Any, span: Any) -> Any:
    """within(codes, index, low, span): a bit each of the 64 codes from an index on, set where low <= code <= low + span."""
    element = ir.IntType(codes.dtype.bitwidth)
    vector = ir.VectorType(element, 64)

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def everywhere(value: Any) -> Any:
            one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(_I32, 0))
            zeros = ir.Constant(ir.VectorType(_I32, 64), [0] * 64)
            return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), zeros)

        found = builder.load(_place(context, builder, signature.args[0], arguments[0], arguments[1], vector), align=1)
        # A code below ``low`` wraps round to the greatest numbers.
        distance = builder.sub(found, everywhere(arguments[2]))
        return builder.bitcast(builder.icmp_unsigned("<=", distance, everywhere(arguments[3])), _I64)

    return types.uint64(codes, types.intp, codes.dtype, codes.dtype), code
