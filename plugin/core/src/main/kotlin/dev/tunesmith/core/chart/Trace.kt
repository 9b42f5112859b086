package dev.tunesmith.core.chart

import kotlin.math.ceil

/** What a curve looks like at a given size: unbroken pieces, and where it has values that have no place. */
internal class Trace(val pieces: List<Piece>, val strange: List<Strange>)

/**
 * A part without a gap. Entry i stands from [lefts] to [rights] and covers every value from [tops] to [bottoms]; with
 * [isLine] each is but a point.
 */
internal class Piece(
    val lefts: DoubleArray,
    val rights: DoubleArray,
    val tops: DoubleArray,
    val bottoms: DoubleArray,
    val isLine: Boolean,
) {
    val size: Int get() = lefts.size
}

internal enum class StrangeKind { NAN, PLUS_INFINITY, MINUS_INFINITY, NOT_POSITIVE }

internal data class Strange(val x: Double, val kind: StrangeKind)

/** The values of a curve, or their smoothed averages. */
internal interface TraceSource {
    fun value(index: Int): Double

    fun extend(into: Extent, from: Int, to: Int)

    /** Whether each of the entries [from] until [to] is one value. */
    fun isPlain(from: Int, to: Int): Boolean
}

internal class RawSource(private val data: SeriesData) : TraceSource {
    override fun value(index: Int): Double = data.value(index)

    override fun extend(into: Extent, from: Int, to: Int) = data.extend(into, from, to)

    override fun isPlain(from: Int, to: Int): Boolean = (from until to).all { data.count(it) == 1 }
}

internal class SmoothedSource(private val smoothed: Smoothed) : TraceSource {
    override fun value(index: Int): Double = smoothed.value(index)

    override fun extend(into: Extent, from: Int, to: Int) = smoothed.extend(into, from, to)

    override fun isPlain(from: Int, to: Int): Boolean = true
}

/**
 * Where the entries of a curve fall: [bounds] has, for each column of the plot, the index of its first entry, and
 * one more at the end; null where there are so few entries that each gets its own place.
 */
internal class Columns(val from: Int, val to: Int, val bounds: IntArray?) {
    companion object {
        fun of(curve: Curve, layout: ChartLayout, axis: XAxis): Columns {
            val range = layout.x.range
            val size = curve.data.size
            if (!curve.isOn(axis)) return Columns(0, 0, null)
            val from = maxOf(0, curve.firstAt(axis, range.from) - 1)
            val to = minOf(size, curve.firstAt(axis, range.to) + 1)
            val count = maxOf(1, ceil(layout.plot.width * layout.canvas.scale).toInt())
            if (to - from <= count) return Columns(from, maxOf(from, to), null)
            val bounds = IntArray(count + 3)
            // One column more at either side takes the neighbours that lines outside the plot lead to.
            bounds[0] = from
            for (column in 0..count) {
                bounds[column + 1] =
                    curve.firstAt(axis, layout.x.valueAt(column.toDouble() / count)).coerceIn(bounds[column], to)
            }
            bounds[count + 2] = to
            return Columns(from, to, bounds)
        }
    }
}

internal fun trace(curve: Curve, source: TraceSource, columns: Columns, layout: ChartLayout, axis: XAxis): Trace {
    val tracer = Tracer(layout)
    val bounds = columns.bounds
    if (bounds == null) {
        if (source.isPlain(columns.from, columns.to)) {
            for (index in columns.from until columns.to) {
                tracer.point(
                    layout.pixelX(curve.x(axis, index)),
                    source.value(index),
                )
            }
        } else {
            // A summary's step is that of its first value: it reaches until the next begins.
            for (index in columns.from until columns.to) {
                val left = layout.pixelX(curve.x(axis, index))
                val next = if (index + 1 <
                    curve.data.size
                ) {
                    layout.pixelX(curve.x(axis, index + 1))
                } else {
                    layout.pixelX(curve.endX(axis))
                }
                tracer.column(source, left, next, index, index + 1)
            }
        }
    } else {
        val width = layout.plot.width / (bounds.size - 3)
        for (column in 0 until bounds.size - 1) {
            if (bounds[column] == bounds[column + 1]) continue
            val left = layout.plot.x + (column - 1) * width
            tracer.column(source, left, left + width, bounds[column], bounds[column + 1])
        }
    }
    return tracer.finish()
}

private class Tracer(private val layout: ChartLayout) {
    private val isLog = layout.y is LogAxis
    private val extent = Extent()
    private val pieces = ArrayList<Piece>()
    private val strange = ArrayList<Strange>()
    private val lastSign = DoubleArray(StrangeKind.entries.size) { Double.NEGATIVE_INFINITY }
    private var lefts = DoubleArray(256)
    private var rights = DoubleArray(256)
    private var tops = DoubleArray(256)
    private var bottoms = DoubleArray(256)
    private var used = 0
    private var isLine = true

    fun point(x: Double, value: Double) {
        val flag = Extent.strangeness(value)
        when {
            flag != 0 -> {
                flags(x, flag)
                cut()
            }

            isLog && value <= 0.0 -> {
                odd(x, StrangeKind.NOT_POSITIVE)
                cut()
            }

            else -> layout.pixelY(value).let { add(x, x, it, it) }
        }
    }

    fun column(source: TraceSource, left: Double, right: Double, from: Int, to: Int) {
        extent.clear()
        source.extend(extent, from, to)
        val middle = (left + right) / 2
        if (extent.strange != 0) flags(middle, extent.strange)
        if (isLog && extent.low <= 0.0) odd(middle, StrangeKind.NOT_POSITIVE)
        val low = if (isLog) extent.lowPositive else extent.low
        isLine = false
        if (extent.isEmpty ||
            low.isInfinite()
        ) {
            cut()
        } else {
            add(left, right, layout.pixelY(extent.high), layout.pixelY(low))
        }
    }

    private fun flags(x: Double, flags: Int) {
        if (flags and Extent.NAN != 0) odd(x, StrangeKind.NAN)
        if (flags and Extent.PLUS_INFINITY != 0) odd(x, StrangeKind.PLUS_INFINITY)
        if (flags and Extent.MINUS_INFINITY != 0) odd(x, StrangeKind.MINUS_INFINITY)
    }

    /** Signs closer than their size would only cover each other. */
    private fun odd(x: Double, kind: StrangeKind) {
        if (x < layout.plot.x - 1 || x > layout.plot.right + 1 || x - lastSign[kind.ordinal] < SIGN_DISTANCE) return
        strange += Strange(x, kind)
        lastSign[kind.ordinal] = x
    }

    private fun add(left: Double, right: Double, top: Double, bottom: Double) {
        if (used == lefts.size) {
            lefts = lefts.copyOf(used * 2)
            rights = rights.copyOf(used * 2)
            tops = tops.copyOf(used * 2)
            bottoms = bottoms.copyOf(used * 2)
        }
        lefts[used] = left.coerceIn(-FAR, FAR)
        rights[used] = right.coerceIn(-FAR, FAR)
        tops[used] = top.coerceIn(-FAR, FAR)
        bottoms[used] = bottom.coerceIn(-FAR, FAR)
        used++
    }

    private fun cut() {
        if (used > 0) {
            val piece = Piece(lefts.copyOf(used), rights.copyOf(used), tops.copyOf(used), bottoms.copyOf(used), isLine)
            if (isLine) trim(piece) else join(piece)
            pieces += piece
        }
        used = 0
        isLine = true
    }

    fun finish(): Trace {
        cut()
        return Trace(pieces, strange)
    }

    /** Neighbours that do not overlap are both drawn out to the middle between them, so that the curve hangs together. */
    private fun join(piece: Piece) {
        for (i in 1 until piece.size) {
            if (piece.tops[i] > piece.bottoms[i - 1]) {
                val middle = (piece.tops[i] + piece.bottoms[i - 1]) / 2
                piece.tops[i] = middle
                piece.bottoms[i - 1] = middle
            } else if (piece.bottoms[i] < piece.tops[i - 1]) {
                val middle = (piece.bottoms[i] + piece.tops[i - 1]) / 2
                piece.bottoms[i] = middle
                piece.tops[i - 1] = middle
            }
        }
    }

    /** Lines that come from far outside begin just outside instead, at the same slope. */
    private fun trim(piece: Piece) {
        val last = piece.size - 1
        if (last < 1) return
        trim(piece, 0, 1, layout.plot.x - OUTSIDE)
        trim(piece, last, last - 1, layout.plot.right + OUTSIDE)
    }

    private fun trim(piece: Piece, end: Int, next: Int, limit: Double) {
        val part = (limit - piece.lefts[next]) / (piece.lefts[end] - piece.lefts[next])
        if (!(part > 0.0 && part < 1.0)) return
        piece.lefts[end] = limit
        piece.rights[end] = limit
        piece.tops[end] = piece.tops[next] + part * (piece.tops[end] - piece.tops[next])
        piece.bottoms[end] = piece.tops[end]
    }

    private companion object {
        /** Java2D loses its way in coordinates that are much larger. */
        const val FAR = 1e7
        const val OUTSIDE = 50.0
        const val SIGN_DISTANCE = 8.0
    }
}
