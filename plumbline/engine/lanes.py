"""Vectors for compiled kernels: several values that go through the same operations, side by side.

LLVM does not find by itself that a kernel could run several variants at once; these say so. A kernel asks
for values by a marker, ``load(array, place, lanes)``: `EIGHT` and its like make vectors, `ONE` makes
scalars, and every operation takes either. Each lane of a vector does what the scalar does, operation by
operation, without contraction or reassociation, so results are equal bit for bit on any processor; the
scalars are also what runs where vectors do not compile. The type of a value follows from its array: lanes
of float64, or of int16, in which comparisons and counters are four times as dense.

Below, the Python body of each function is its scalar form, and what stands under it the vector's.
"""

import operator
from collections.abc import Callable
from math import sqrt

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

ONE = (0,)
EIGHT = (0,) * 8
THIRTY_TWO = (0,) * 32

_FLAGS = ir.IntType(1)
_KINDS = {types.float64: ir.DoubleType(), types.int16: ir.IntType(16), types.boolean: _FLAGS}


class Vector(types.Type):
    """`lanes` values of one scalar type, in a vector register or several."""

    def __init__(self, scalar: types.Type, lanes: int) -> None:
        self.scalar, self.lanes = scalar, lanes
        super().__init__(f"vector({scalar}, {lanes})")

    @property
    def mask(self) -> "Vector":
        """The type of a comparison of two of these."""
        return Vector(types.boolean, self.lanes)


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, vector):
        super().__init__(manager, vector, ir.VectorType(_KINDS[vector.scalar], vector.lanes))


def _splat(builder, value, lanes):
    vector = ir.VectorType(value.type, lanes)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    places = ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), places)


def _pointer(context, builder, array, value, place):
    return builder.gep(context.make_array(array)(context, builder, value).data, [place])


def _is_vector(*values) -> bool:
    return any(isinstance(value, Vector) for value in values)


@intrinsic
def _load(typing, values, place, lanes):
    vector = Vector(values.dtype, len(lanes))

    def emit(context, builder, signature, arguments):
        pointer = _pointer(context, builder, values, arguments[0], arguments[1])
        kind = context.get_value_type(vector).as_pointer()
        loaded = builder.load(builder.bitcast(pointer, kind))
        loaded.align = values.dtype.bitwidth // 8
        return loaded

    return vector(values, types.intp, lanes), emit


@intrinsic
def _load_one(typing, values, place):
    def emit(context, builder, signature, arguments):
        return builder.load(_pointer(context, builder, values, arguments[0], arguments[1]))

    return values.dtype(values, types.intp), emit


def load(values, place, lanes):
    """Return the values from `place` of an array on; nothing is checked."""
    return values[place]


@overload(load, jit_options={"forceinline": True})
def _(values, place, lanes):
    if len(lanes) > 1:
        return lambda values, place, lanes: _load(values, place, lanes)
    if values.dtype == types.int16:
        return lambda values, place, lanes: np.int64(_load_one(values, place))
    return lambda values, place, lanes: _load_one(values, place)


@intrinsic
def _store(typing, values, place, vector):
    def emit(context, builder, signature, arguments):
        pointer = _pointer(context, builder, values, arguments[0], arguments[1])
        kind = arguments[2].type.as_pointer()
        stored = builder.store(arguments[2], builder.bitcast(pointer, kind))
        stored.align = values.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.void(values, types.intp, vector), emit


def store(values, place, value):
    """Write a value to `place` of an array and those after it; nothing is checked."""
    values[place] = value


@overload(store, jit_options={"forceinline": True})
def _(values, place, value):
    if _is_vector(value):
        return lambda values, place, value: _store(values, place, value)
    return store


@intrinsic
def _splat_of(typing, value, lanes):
    count = len(lanes)
    return Vector(value, count)(value, lanes), lambda c, builder, s, given: _splat(builder, given[0], count)


def splat(value, lanes):
    """Return one value in every lane."""
    return value


@overload(splat, jit_options={"forceinline": True})
def _(value, lanes):
    if len(lanes) == 1:
        return splat
    if value == types.float64:
        return lambda value, lanes: _splat_of(value, lanes)
    return lambda value, lanes: _splat_of(np.int16(value), lanes)


def splat_at(values, place, lanes):
    """Return ``values[place]`` in every lane; nothing is checked."""
    return values[place]


@overload(splat_at, jit_options={"forceinline": True})
def _(values, place, lanes):
    return lambda values, place, lanes: splat(_load_one(values, place), lanes)


@intrinsic
def _select(typing, mask, this, other):
    return this(mask, this, other), lambda c, builder, s, arguments: builder.select(*arguments)


def select(mask, this, other):
    """Return `this` where the mask is true, `other` elsewhere."""
    return this if mask else other


@overload(select, jit_options={"forceinline": True})
def _(mask, this, other):
    if not _is_vector(mask):
        return select
    marker = (0,) * mask.lanes
    if not _is_vector(this):
        return lambda mask, this, other: select(mask, splat(this, marker), other)
    if not _is_vector(other):
        return lambda mask, this, other: _select(mask, this, splat(other, marker))
    return lambda mask, this, other: _select(mask, this, other)


@intrinsic
def _bits(typing, mask):
    def emit(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(mask.lanes))

    return {8: types.uint8, 32: types.uint32}[mask.lanes](mask), emit


def bits(mask):
    """Return a mask as a number, a bit a lane, the first lowest."""
    return np.uint32(mask)


@overload(bits, jit_options={"forceinline": True})
def _(mask):
    return (lambda mask: _bits(mask)) if _is_vector(mask) else bits


@intrinsic
def _mask_at(typing, numbers, place, lanes):
    def emit(context, builder, signature, arguments):
        number = builder.load(_pointer(context, builder, numbers, arguments[0], arguments[1]))
        return builder.bitcast(number, ir.VectorType(_FLAGS, len(lanes)))

    return Vector(types.boolean, len(lanes))(numbers, types.intp, lanes), emit


def mask_at(numbers, place, lanes):
    """Return the mask whose bits stand at `place`, an array of as many bits a number as there are lanes."""
    return numbers[place] != 0


@overload(mask_at, jit_options={"forceinline": True})
def _(numbers, place, lanes):
    if len(lanes) > 1:
        return lambda numbers, place, lanes: _mask_at(numbers, place, lanes)
    return mask_at


@intrinsic
def _some(typing, mask):
    def emit(context, builder, signature, arguments):
        number = builder.bitcast(arguments[0], ir.IntType(mask.lanes))
        return builder.icmp_unsigned("!=", number, ir.Constant(number.type, 0))

    return types.boolean(mask), emit


def some(mask):
    """Return whether the mask is true in any lane."""
    return mask


@overload(some, jit_options={"forceinline": True})
def _(mask):
    return (lambda mask: _some(mask)) if _is_vector(mask) else some


def root(value):
    """Return the square root."""
    return sqrt(value)


def size(value):
    """Return the value without its sign."""
    return abs(value)


def _unary(plain: Callable, name: str) -> None:
    @intrinsic
    def apply(typing, value):
        def emit(context, builder, signature, arguments):
            kind = arguments[0].type
            called = cgutils.get_or_insert_function(
                builder.module, ir.FunctionType(kind, [kind]), f"llvm.{name}.v{value.lanes}f64"
            )
            return builder.call(called, arguments)

        return value(value), emit

    @overload(plain, jit_options={"forceinline": True})
    def _(value):
        return (lambda value: apply(value)) if _is_vector(value) else plain


_unary(root, "sqrt")
_unary(size, "fabs")


@intrinsic
def _quotient(typing, value, divisor, reciprocal):
    def emit(context, builder, signature, arguments):
        x, n, y = arguments
        if "+fma" not in context.codegen().magic_tuple()[-1].split(","):  # of this processor
            return builder.fdiv(x, n)
        kind = x.type
        fma = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(kind, [kind] * 3), f"llvm.fma.v{value.lanes}f64"
        )
        found = builder.fmul(x, y)
        for _ in range(2):
            rest = builder.call(fma, [builder.fneg(n), found, x])
            found = builder.call(fma, [rest, y, found])
        return found

    return value(value, divisor, reciprocal), emit


def quotient(value, divisor, reciprocal):
    """Return ``value / divisor``, faster where `reciprocal`, ``1 / divisor`` as rounded, is at hand.

    The remainder of a quotient is exact in one fused operation; corrected twice by it, the quotient is the
    rounded one (Markstein 1990, "Computation of elementary functions on the IBM RISC System/6000", theorem
    8.3), but for what is infinite or next to nothing: quotients below 1e-290 may be off.
    """
    return value / divisor


@overload(quotient, jit_options={"forceinline": True})
def _(value, divisor, reciprocal):
    if _is_vector(value):
        return lambda value, divisor, reciprocal: _quotient(value, divisor, reciprocal)
    return quotient


def _binary(sign: Callable, emit: Callable, *, compares: bool = False) -> None:
    """Give vectors an operator: of two vectors, or of a vector and a number."""

    @intrinsic
    def apply(typing, left, right):
        def generate(context, builder, signature, arguments):
            return emit(builder, left.scalar, *arguments)

        return (left.mask if compares else left)(left, right), generate

    @overload(sign, jit_options={"forceinline": True})
    def _(left, right):
        if _is_vector(left) and left == right:
            return lambda left, right: apply(left, right)
        if _is_vector(left) and isinstance(right, (types.Integer, types.Float)):
            marker = (0,) * left.lanes
            return lambda left, right: apply(left, splat(right, marker))
        return None


def _arithmetic(floats: str, whole: str) -> Callable:
    return lambda builder, scalar, a, b: getattr(builder, floats if scalar == types.float64 else whole)(a, b)


def _comparison(sign: str) -> Callable:
    return lambda builder, scalar, a, b: (
        builder.fcmp_ordered if scalar == types.float64 else builder.icmp_signed
    )(sign, a, b)


_binary(operator.add, _arithmetic("fadd", "add"))
_binary(operator.sub, _arithmetic("fsub", "sub"))
_binary(operator.mul, _arithmetic("fmul", "mul"))
_binary(operator.truediv, _arithmetic("fdiv", "sdiv"))
for _sign, _text in zip(["lt", "gt", "le", "ge", "eq"], ["<", ">", "<=", ">=", "=="], strict=True):
    _binary(getattr(operator, _sign), _comparison(_text), compares=True)
for _sign, _name in ((operator.and_, "and_"), (operator.or_, "or_"), (operator.xor, "xor")):
    _binary(_sign, _arithmetic(_name, _name))


@intrinsic
def _not(typing, mask):
    return mask(mask), lambda c, builder, s, arguments: builder.not_(arguments[0])


@overload(operator.invert)
def _(mask):
    return (lambda mask: _not(mask)) if _is_vector(mask) else None
