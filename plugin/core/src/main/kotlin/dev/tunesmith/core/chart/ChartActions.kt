package dev.tunesmith.core.chart

import kotlin.math.abs

/** What a user does with a chart. Places are in the units of the axes, fractions in parts of the plot. */
public sealed interface ChartAction {
    /** Shows [factor] times as much of the horizontal axis around the fraction [at]; below 1 that is closer. */
    public data class ZoomX(val at: Double, val factor: Double) : ChartAction

    public data class ZoomY(val at: Double, val factor: Double) : ChartAction

    /** Moves what is shown by fractions of the plot. */
    public data class Pan(val x: Double, val y: Double) : ChartAction

    public data object Fit : ChartAction

    /** Puts the cursor somewhere, next to the curve of [run], or, with null, takes it away. */
    public data class Point(val x: Double?, val run: String? = null) : ChartAction

    /** Goes [by] entries further, back if negative, along the first curve that is shown. */
    public data class StepCursor(val by: Int) : ChartAction

    public data class ToEnd(val first: Boolean) : ChartAction

    /** Goes to the next mark, back if [by] is negative. */
    public data class ToMark(val by: Int) : ChartAction

    public data object ToBest : ChartAction

    /** Begins a box; without [y] one over the full height. */
    public data class StartBox(val x: Double, val y: Double? = null) : ChartAction

    public data class DragBox(val x: Double, val y: Double? = null) : ChartAction

    /** Shows what is in the box. */
    public data object FinishBox : ChartAction

    public data object CancelBox : ChartAction

    public data class SetScale(val scale: YScale) : ChartAction

    public data class SetAxis(val axis: XAxis) : ChartAction
}

/** The chart after [action]; [layout] is how it was laid out before. */
internal fun ChartState.after(action: ChartAction, layout: ChartLayout): ChartState = when (action) {
    is ChartAction.ZoomX -> withX(zoomed(layout.x, action.at, action.factor))

    is ChartAction.ZoomY -> withY(zoomed(layout.y, action.at, action.factor))

    is ChartAction.Pan -> panned(action, layout)

    ChartAction.Fit -> copy(shared = shared.copy(x = null), y = null, box = null)

    is ChartAction.Point -> pointed(action.x).let { it.copy(shared = it.shared.copy(pointed = action.run)) }

    is ChartAction.StepCursor -> stepped(action.by, layout)

    is ChartAction.ToEnd -> guide()?.let {
        pointed(it.x(shared.xAxis, if (action.first) 0 else it.data.size - 1)).seen(layout)
    }
        ?: this

    is ChartAction.ToMark -> toMark(action.by, layout)

    ChartAction.ToBest -> toBest(layout)

    is ChartAction.StartBox -> copy(box = Box(action.x, action.x, action.y, action.y))

    is ChartAction.DragBox -> copy(box = box?.copy(toX = action.x, toY = if (box.fromY == null) null else action.y))

    ChartAction.FinishBox -> finished(layout)

    ChartAction.CancelBox -> copy(box = null)

    is ChartAction.SetScale -> copy(shared = shared.copy(yScale = action.scale), y = null)

    is ChartAction.SetAxis -> onAxis(action.axis)
}

private fun zoomed(axis: Axis, at: Double, factor: Double): Interval =
    Interval(axis.valueAt(at - at * factor), axis.valueAt(at + (1 - at) * factor))

/** The curve that the keyboard walks along: the first that is there. */
private fun ChartState.guide(): Curve? = model.curves.firstOrNull { it.isOn(shared.xAxis) }

/** Never closer than a few points, never beyond the data; all of it means to follow what comes. */
private fun ChartState.withX(wanted: Interval): ChartState {
    val all = fitX(model, shared.xAxis)
    val least = when (shared.xAxis) {
        XAxis.STEP -> 2.0
        XAxis.EPOCH -> 2.0 / (guide()?.timeline?.stepsPerEpoch ?: 1.0)
        XAxis.RELATIVE_TIME, XAxis.WALL_TIME -> 0.01
    }
    val length = wanted.length.coerceIn(minOf(least, all.length), all.length)
    if (length >= all.length * (1 - 1e-9)) return copy(shared = shared.copy(x = null))
    val middle = (wanted.from + wanted.to) / 2
    val from = (middle - length / 2).coerceIn(all.from, all.to - length)
    return copy(shared = shared.copy(x = Interval(from, from + length)))
}

private fun ChartState.withY(wanted: Interval): ChartState {
    val size = maxOf(abs(wanted.from), abs(wanted.to))
    val usable =
        wanted.length.isFinite() && wanted.length > size * 1e-9 && (shared.yScale == YScale.LINEAR || wanted.from > 0.0)
    return if (usable) copy(y = wanted) else this
}

/** While the scale follows the data, only the horizontal axis moves, unless the move is an upright one. */
private fun ChartState.panned(pan: ChartAction.Pan, layout: ChartLayout): ChartState {
    val sideways = if (pan.x == 0.0) this else withX(Interval(layout.x.valueAt(pan.x), layout.x.valueAt(1 + pan.x)))
    if (pan.y == 0.0 || (y == null && pan.x != 0.0)) return sideways
    return sideways.withY(Interval(layout.y.valueAt(pan.y), layout.y.valueAt(1 + pan.y)))
}

/** A box without a height was begun by the keyboard and follows the cursor. */
private fun ChartState.pointed(x: Double?): ChartState {
    val box = if (x != null && box != null && box.fromY == null) box.copy(toX = x) else box
    return copy(shared = shared.copy(cursor = x), box = box)
}

private fun ChartState.stepped(by: Int, layout: ChartLayout): ChartState {
    val curve = guide() ?: return this
    val axis = shared.xAxis
    val cursor = shared.cursor ?: return pointed(curve.x(axis, curve.nearest(axis, layout.x.valueAt(0.5)) ?: 0))
    // Where several entries share a pixel, the next one is the next that can be told apart.
    val pixel = layout.x.range.length / layout.plot.width
    val at = curve.nearest(axis, cursor) ?: return this
    val next = if (by >
        0
    ) {
        maxOf(at + by, curve.firstAt(axis, curve.x(axis, at) + pixel * by))
    } else {
        minOf(
            at + by,
            curve.firstAt(
                axis,
                curve.x(axis, at) + pixel * by,
            ),
        )
    }
    return pointed(curve.x(axis, next.coerceIn(0, curve.data.size - 1))).seen(layout)
}

/** Moves what is shown so far that the cursor is in it. */
private fun ChartState.seen(layout: ChartLayout): ChartState {
    val cursor = shared.cursor ?: return this
    val range = shared.x ?: return this
    if (cursor in range) return this
    val length = layout.x.range.length
    val from = if (cursor < range.from) cursor - length * 0.1 else cursor - length * 0.9
    return withX(Interval(from, from + length))
}

private fun ChartState.toMark(by: Int, layout: ChartLayout): ChartState {
    val axis = shared.xAxis
    val places = markedCurves(this).filter {
        it.isOn(axis)
    }.flatMap { curve -> curve.marks.map { curve.x(axis, it.step, it.seconds) } }.distinct().sorted()
    val cursor = shared.cursor
    val next = when {
        cursor == null -> if (by > 0) places.firstOrNull() else places.lastOrNull()
        by > 0 -> places.firstOrNull { it > cursor }
        else -> places.lastOrNull { it < cursor }
    }
    return if (next == null) this else pointed(next).seen(layout)
}

private fun ChartState.toBest(layout: ChartLayout): ChartState {
    val axis = shared.xAxis
    val curve = model.curves.firstOrNull { it.isOn(axis) && it.best != null } ?: return this
    val best = curve.best ?: return this
    return pointed(curve.x(axis, best.step, best.seconds)).seen(layout)
}

private fun ChartState.finished(layout: ChartLayout): ChartState {
    val drawn = box ?: return this
    val wide = abs(layout.pixelX(drawn.toX) - layout.pixelX(drawn.fromX)) >= BOX_LEAST
    val high = drawn.y?.let { abs(layout.pixelY(it.to) - layout.pixelY(it.from)) >= BOX_LEAST } ?: false
    val closed = copy(box = null)
    val inX = if (wide) closed.withX(drawn.x) else closed
    return drawn.y?.takeIf { high }?.let { inX.withY(it) } ?: inX
}

/** A box of fewer pixels was a slip of the hand. */
private const val BOX_LEAST = 4.0

/** The cursor stays at the step where it was. */
private fun ChartState.onAxis(axis: XAxis): ChartState {
    val curve = guide()
    val cursor = shared.cursor
    val at = if (cursor == null) null else curve?.nearest(shared.xAxis, cursor)
    val moved = if (curve == null || at == null || !curve.isOn(axis)) null else curve.x(axis, at)
    return copy(shared = shared.copy(xAxis = axis, x = null, cursor = moved), box = null)
}
