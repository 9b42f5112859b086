package dev.tunesmith.core.chart

import java.awt.Color

/*
 * What is to be seen, as plain shapes in pixels from the upper left corner: the painter and the SVG writer both read
 * it, so a picture that is saved is the picture that was on the screen.
 */

internal data class Rect(val x: Double, val y: Double, val width: Double, val height: Double) {
    val right: Double get() = x + width
    val bottom: Double get() = y + height

    fun contains(x: Double, y: Double): Boolean = x >= this.x && x <= right && y >= this.y && y <= bottom
}

/** [smaller]: so many pixels its letters are smaller than those of the normal font, where that has its usual size. */
internal enum class TextStyle(val smaller: Int) { TITLE(0), LABEL(1), SMALL(2) }

internal enum class Anchor { START, MIDDLE, END }

internal enum class Dash { SOLID, DASHED, DOTTED, DASH_DOT }

internal sealed interface Shape

internal data class Line(
    val x1: Double,
    val y1: Double,
    val x2: Double,
    val y2: Double,
    val color: Color,
    val width: Double = 1.0,
    val dash: Dash = Dash.SOLID,
) : Shape

/** A line through all points. */
internal class Polyline(
    val xs: DoubleArray,
    val ys: DoubleArray,
    val color: Color,
    val width: Double,
    val dash: Dash = Dash.SOLID,
) : Shape

/** Upright bars side by side, each from [lefts] to [rights] and from [tops] to [bottoms]; together they are one area. */
internal class Bars(
    val lefts: DoubleArray,
    val rights: DoubleArray,
    val tops: DoubleArray,
    val bottoms: DoubleArray,
    val color: Color,
) : Shape

internal class Polygon(
    val xs: DoubleArray,
    val ys: DoubleArray,
    val fill: Color?,
    val stroke: Color? = null,
    val width: Double = 1.0,
) : Shape

internal data class Circle(
    val x: Double,
    val y: Double,
    val radius: Double,
    val fill: Color?,
    val stroke: Color? = null,
    val width: Double = 1.0,
) : Shape

internal data class RoundBox(val rect: Rect, val radius: Double, val fill: Color?, val stroke: Color? = null) : Shape

/** [y] is the base line. */
internal data class Text(
    val x: Double,
    val y: Double,
    val text: String,
    val style: TextStyle,
    val color: Color,
    val anchor: Anchor = Anchor.START,
) : Shape

/** Shapes of which only what lies in [clip] is seen. */
internal class Clipped(val clip: Rect, val shapes: List<Shape>) : Shape

internal class Scene(val width: Double, val height: Double, val background: Color?, val shapes: List<Shape>)
