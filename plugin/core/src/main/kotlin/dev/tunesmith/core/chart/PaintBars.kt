package dev.tunesmith.core.chart

import java.awt.Graphics2D
import java.awt.geom.AffineTransform
import java.awt.geom.Path2D
import java.awt.geom.Rectangle2D
import kotlin.math.roundToInt

private const val FAR = 1e6

/**
 * Fills bars as rectangles that begin and end with pixels of the device; only above and below are they smoothed.
 *
 * Smoothed rectangles are filled natively. A path with as many edges takes ten times as long, and so do unsmoothed
 * rectangles of a colour that lets something through.
 */
internal fun paintBars(g: Graphics2D, bars: Bars) {
    val transform = g.transform
    val isUpright =
        transform.shearX == 0.0 && transform.shearY == 0.0 && transform.scaleX > 0.0 && transform.scaleY > 0.0
    if (!isUpright) return paintOutline(g, bars)
    g.color = bars.color
    g.transform = AffineTransform()
    val rectangle = Rectangle2D.Double()
    var end = Int.MIN_VALUE
    for (i in bars.lefts.indices) {
        val left = maxOf(end, device(bars.lefts[i], transform.scaleX, transform.translateX).roundToInt())
        val right = device(bars.rights[i], transform.scaleX, transform.translateX).roundToInt()
        if (right <= left && i > 0) continue // it lies within the pixel before
        val top = device(bars.tops[i], transform.scaleY, transform.translateY)
        val bottom = device(bars.bottoms[i], transform.scaleY, transform.translateY)
        end = maxOf(right, left + 1)
        rectangle.setRect(left.toDouble(), top, (end - left).toDouble(), bottom - top)
        g.fill(rectangle)
    }
    g.transform = transform
}

private fun device(at: Double, scale: Double, translation: Double): Double =
    (at * scale + translation).coerceIn(-FAR, FAR)

private fun paintOutline(g: Graphics2D, bars: Bars) {
    val path = Path2D.Double(Path2D.WIND_NON_ZERO, 4 * bars.lefts.size + 1)
    for (i in bars.lefts.indices) {
        if (i == 0) path.moveTo(bars.lefts[i], bars.tops[i]) else path.lineTo(bars.lefts[i], bars.tops[i])
        path.lineTo(bars.rights[i], bars.tops[i])
    }
    for (i in bars.lefts.indices.reversed()) {
        path.lineTo(bars.rights[i], bars.bottoms[i])
        path.lineTo(bars.lefts[i], bars.bottoms[i])
    }
    path.closePath()
    g.color = bars.color
    g.fill(path)
}
