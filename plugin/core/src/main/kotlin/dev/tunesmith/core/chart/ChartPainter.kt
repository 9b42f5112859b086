package dev.tunesmith.core.chart

import java.awt.BasicStroke
import java.awt.Color
import java.awt.Font
import java.awt.FontMetrics
import java.awt.Graphics2D
import java.awt.RenderingHints
import java.awt.font.FontRenderContext
import java.awt.geom.Ellipse2D
import java.awt.geom.Line2D
import java.awt.geom.Path2D
import java.awt.geom.Rectangle2D
import java.awt.geom.RoundRectangle2D

/** The fonts of the three styles, from the component's own. */
internal class ChartFonts(base: Font) {
    private val fonts = mapOf(
        TextStyle.TITLE to base.deriveFont(Font.BOLD),
        TextStyle.LABEL to small(base, TextStyle.LABEL),
        TextStyle.SMALL to small(base, TextStyle.SMALL),
    )
    private val context = FontRenderContext(null, true, true)

    private fun small(base: Font, style: TextStyle): Font =
        base.deriveFont(Font.PLAIN, style.sizeIn(base.size2D.toDouble()).toFloat())

    operator fun get(style: TextStyle): Font = fonts.getValue(style)

    fun measure(): TextMeasure = TextMeasure { text, style ->
        fonts.getValue(style).getStringBounds(text, context).width
    }
}

/** Draws a scene. It knows nothing of charts. */
internal class ChartPainter(private val fonts: ChartFonts) {
    fun paint(graphics: Graphics2D, scene: Scene) {
        val g = graphics.create() as Graphics2D
        try {
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON)
            g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE)
            g.setRenderingHint(RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON)
            scene.background?.let {
                g.color = it
                g.fill(Rectangle2D.Double(0.0, 0.0, scene.width, scene.height))
            }
            scene.shapes.forEach { paint(g, it) }
        } finally {
            g.dispose()
        }
    }

    private fun paint(g: Graphics2D, shape: Shape) {
        when (shape) {
            is Line -> line(g, shape)

            is Polyline -> polyline(g, shape)

            is Bars -> paintBars(g, shape)

            is Polygon -> filled(g, polygon(shape), shape.fill, shape.stroke, shape.width)

            is Circle -> filled(
                g,
                Ellipse2D.Double(
                    shape.x - shape.radius,
                    shape.y - shape.radius,
                    2 * shape.radius,
                    2 * shape.radius,
                ),
                shape.fill,
                shape.stroke,
                shape.width,
            )

            is RoundBox -> box(g, shape)

            is Text -> text(g, shape)

            is Clipped -> clipped(g, shape)
        }
    }

    private fun line(g: Graphics2D, line: Line) {
        g.color = line.color
        g.stroke = stroke(line.width, line.dash)
        // A line of one pixel that stands between two of them is blurred over both.
        val straight = line.width == 1.0 && (line.x1 == line.x2 || line.y1 == line.y2)
        g.draw(
            if (straight) {
                Line2D.Double(
                    crisp(line.x1),
                    crisp(line.y1),
                    crisp(line.x2),
                    crisp(line.y2),
                )
            } else {
                Line2D.Double(line.x1, line.y1, line.x2, line.y2)
            },
        )
    }

    private fun crisp(at: Double): Double = Math.floor(at) + 0.5

    private fun polyline(g: Graphics2D, line: Polyline) {
        g.color = line.color
        g.stroke = stroke(line.width, line.dash)
        val path = Path2D.Double(Path2D.WIND_NON_ZERO, line.xs.size)
        path.moveTo(line.xs[0], line.ys[0])
        for (i in 1 until line.xs.size) path.lineTo(line.xs[i], line.ys[i])
        g.draw(path)
    }

    private fun polygon(polygon: Polygon): Path2D {
        val path = Path2D.Double()
        path.moveTo(polygon.xs[0], polygon.ys[0])
        for (i in 1 until polygon.xs.size) path.lineTo(polygon.xs[i], polygon.ys[i])
        path.closePath()
        return path
    }

    private fun box(g: Graphics2D, box: RoundBox) {
        val rect = box.rect
        filled(
            g,
            RoundRectangle2D.Double(rect.x, rect.y, rect.width, rect.height, 2 * box.radius, 2 * box.radius),
            box.fill,
            box.stroke,
            1.0,
        )
    }

    private fun filled(g: Graphics2D, shape: java.awt.Shape, fill: Color?, stroke: Color?, width: Double) {
        if (fill != null) {
            g.color = fill
            g.fill(shape)
        }
        if (stroke != null) {
            g.color = stroke
            g.stroke = stroke(width, Dash.SOLID)
            g.draw(shape)
        }
    }

    private fun text(g: Graphics2D, text: Text) {
        g.font = fonts[text.style]
        g.color = text.color
        val metrics: FontMetrics = g.fontMetrics
        val width = metrics.getStringBounds(text.text, g).width
        val x = when (text.anchor) {
            Anchor.START -> text.x
            Anchor.MIDDLE -> text.x - width / 2
            Anchor.END -> text.x - width
        }
        g.drawString(text.text, x.toFloat(), text.y.toFloat())
    }

    private fun clipped(g: Graphics2D, clipped: Clipped) {
        val before = g.clip
        val clip = clipped.clip
        g.clip(Rectangle2D.Double(clip.x, clip.y, clip.width, clip.height))
        clipped.shapes.forEach { paint(g, it) }
        g.clip = before
    }

    private fun stroke(width: Double, dash: Dash): BasicStroke {
        val pattern =
            dashPattern(dash) ?: return BasicStroke(width.toFloat(), BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND)
        return BasicStroke(width.toFloat(), BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, pattern, 0f)
    }
}

/** Lengths of strokes and gaps in pixels; null for an unbroken line. */
internal fun dashPattern(dash: Dash): FloatArray? = when (dash) {
    Dash.SOLID -> null
    Dash.DASHED -> floatArrayOf(6f, 4f)
    Dash.DOTTED -> floatArrayOf(2f, 3f)
    Dash.DASH_DOT -> floatArrayOf(8f, 3f, 2f, 3f)
}
