package dev.tunesmith.core.chart

import java.awt.Color
import java.math.BigDecimal
import java.math.RoundingMode

/** Writes a scene as SVG 1.1, with [title] for screen readers. */
internal fun writeSvg(scene: Scene, title: String, fontSize: Double, out: Appendable) {
    SvgWriter(fontSize, out).write(scene, title)
}

private class SvgWriter(private val fontSize: Double, private val out: Appendable) {
    private var clips = 0

    fun write(scene: Scene, title: String) {
        val size = "width=\"${n(scene.width)}\" height=\"${n(scene.height)}\""
        out.append(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" $size viewBox=\"0 0 ${n(
                scene.width,
            )} ${n(scene.height)}\" role=\"img\" ",
        )
        out.append(
            "font-family=\"Inter, 'Segoe UI', 'Helvetica Neue', 'Noto Sans SC', sans-serif\">\n<title>${escape(
                title,
            )}</title>\n",
        )
        scene.background?.let { out.append("<rect $size ${fill(it)}/>\n") }
        scene.shapes.forEach(::shape)
        out.append("</svg>\n")
    }

    private fun shape(shape: Shape) {
        when (shape) {
            is Line -> element(
                "line",
                "x1" to n(shape.x1),
                "y1" to n(shape.y1),
                "x2" to n(shape.x2),
                "y2" to n(shape.y2),
                rest = stroke(shape.color, shape.width, shape.dash),
            )

            is Polyline -> element(
                "polyline",
                "points" to points(shape.xs, shape.ys),
                rest =
                "fill=\"none\" stroke-linejoin=\"round\" " + stroke(shape.color, shape.width, shape.dash),
            )

            is Bars -> element("path", "d" to outline(shape), rest = fill(shape.color))

            is Polygon -> element(
                "polygon",
                "points" to points(shape.xs, shape.ys),
                rest = both(shape.fill, shape.stroke, shape.width),
            )

            is Circle -> element(
                "circle",
                "cx" to n(shape.x),
                "cy" to n(shape.y),
                "r" to n(shape.radius),
                rest = both(shape.fill, shape.stroke, shape.width),
            )

            is RoundBox -> box(shape)

            is Text -> text(shape)

            is Clipped -> clipped(shape)
        }
    }

    private fun box(box: RoundBox) {
        val rect = box.rect
        val place = arrayOf(
            "x" to n(rect.x),
            "y" to n(rect.y),
            "width" to n(rect.width),
            "height" to n(rect.height),
            "rx" to n(box.radius),
        )
        element("rect", *place, rest = both(box.fill, box.stroke, 1.0))
    }

    private fun text(text: Text) {
        val anchor = when (text.anchor) {
            Anchor.START -> ""
            Anchor.MIDDLE -> " text-anchor=\"middle\""
            Anchor.END -> " text-anchor=\"end\""
        }
        val size = text.style.sizeIn(fontSize)
        val weight = if (text.style == TextStyle.TITLE) " font-weight=\"bold\"" else ""
        out.append(
            "<text x=\"${n(
                text.x,
            )}\" y=\"${n(
                text.y,
            )}\" font-size=\"${n(size)}\"$weight$anchor ${fill(text.color)}>${escape(text.text)}</text>\n",
        )
    }

    private fun clipped(clipped: Clipped) {
        val id = "clip${clips++}"
        val clip = clipped.clip
        out.append(
            "<clipPath id=\"$id\"><rect x=\"${n(
                clip.x,
            )}\" y=\"${n(clip.y)}\" width=\"${n(clip.width)}\" height=\"${n(clip.height)}\"/></clipPath>\n",
        )
        out.append("<g clip-path=\"url(#$id)\">\n")
        clipped.shapes.forEach(::shape)
        out.append("</g>\n")
    }

    private fun element(name: String, vararg attributes: Pair<String, String>, rest: String) {
        out.append("<$name ")
        for ((key, value) in attributes) out.append("$key=\"$value\" ")
        out.append("$rest/>\n")
    }

    private fun outline(bars: Bars): String = buildString {
        for (i in bars.lefts.indices) {
            append(
                "${if (i == 0) "M" else "L"}${n(bars.lefts[i])} ${n(bars.tops[i])}H${n(bars.rights[i])}",
            )
        }
        for (i in bars.lefts.indices.reversed()) {
            append(
                "L${n(bars.rights[i])} ${n(bars.bottoms[i])}H${n(bars.lefts[i])}",
            )
        }
        append('Z')
    }

    private fun points(xs: DoubleArray, ys: DoubleArray): String = xs.indices.joinToString(" ") {
        "${n(xs[it])},${n(ys[it])}"
    }

    private fun fill(color: Color): String =
        "fill=\"${rgb(color)}\"" + if (color.alpha < 255) " fill-opacity=\"${n(color.alpha / 255.0)}\"" else ""

    private fun stroke(color: Color, width: Double, dash: Dash): String {
        val opacity = if (color.alpha < 255) " stroke-opacity=\"${n(color.alpha / 255.0)}\"" else ""
        val pattern =
            dashPattern(dash)?.let {
                " stroke-dasharray=\"${it.joinToString(" ") { length -> n(length.toDouble()) }}\""
            }
                ?: ""
        return "stroke=\"${rgb(color)}\" stroke-width=\"${n(width)}\"$opacity$pattern"
    }

    private fun both(fill: Color?, stroke: Color?, width: Double): String =
        (if (fill == null) "fill=\"none\"" else fill(fill)) +
            if (stroke == null) "" else " " + stroke(stroke, width, Dash.SOLID)

    private fun rgb(color: Color): String = "#%02x%02x%02x".format(color.red, color.green, color.blue)

    /** Two decimals are finer than anybody sees. */
    private fun n(number: Double): String =
        BigDecimal(number).setScale(2, RoundingMode.HALF_UP).stripTrailingZeros().toPlainString()

    /** XML knows no control characters, not even written as numbers. */
    private fun escape(text: String): String = buildString {
        for (char in text) {
            when {
                char == '&' -> append("&amp;")
                char == '<' -> append("&lt;")
                char == '>' -> append("&gt;")
                char == '"' -> append("&quot;")
                char == '\t' || char == '\n' -> append(char)
                char < ' ' || char == '\uFFFE' || char == '\uFFFF' -> append('\uFFFD')
                else -> append(char)
            }
        }
    }
}
