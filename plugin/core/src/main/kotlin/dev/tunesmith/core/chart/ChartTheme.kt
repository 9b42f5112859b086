package dev.tunesmith.core.chart

import java.awt.Color
import java.awt.Component

/** The colours of a chart. The curves' colours can be told apart by colour-blind readers and on [background]. */
public data class ChartTheme(
    val background: Color,
    val text: Color,
    val quiet: Color,
    val grid: Color,
    val axis: Color,
    val cursor: Color,
    val boxFill: Color,
    val readoutBackground: Color,
    val readoutBorder: Color,
    val focus: Color,
    val curves: List<Color>,
) {
    internal fun color(slot: Int): Color = curves[Math.floorMod(slot, curves.size)]

    /** From the second round through the colours on, lines are broken, so that no two runs look alike. */
    internal fun dash(slot: Int): Dash =
        Dash.entries[Math.floorMod(Math.floorDiv(slot, curves.size), Dash.entries.size)]

    public companion object {
        /**
         * Hues of Okabe and Ito 2008, moved until each stands out 3 : 1 from white and every two are at least 20 apart
         * in CIE Lab, also for readers without red, green or blue cones.
         */
        public val LIGHT: ChartTheme = ChartTheme(
            background = Color(0xFFFFFF),
            text = Color(0x1E1F22),
            quiet = Color(0x6C707E),
            grid = Color(0xEBECF0),
            axis = Color(0xC9CCD6),
            cursor = Color(0x818594),
            boxFill = Color(0x24, 0x65, 0xD8, 0x22),
            readoutBackground = Color(0xFF, 0xFF, 0xFF, 0xF2),
            readoutBorder = Color(0xC9CCD6),
            focus = Color(0x3574F0),
            curves = listOf(0x014CA5, 0xA92D02, 0x0AA35F, 0xDD64AA, 0x2880F9, 0xBF8500, 0x4D4D4D).map(::Color),
        )

        /** The same for a dark background. */
        public val DARK: ChartTheme = ChartTheme(
            background = Color(0x1E1F22),
            text = Color(0xDFE1E5),
            quiet = Color(0x9DA0A8),
            grid = Color(0x2E3035),
            axis = Color(0x4E5157),
            cursor = Color(0x868A91),
            boxFill = Color(0x6B, 0x9B, 0xFA, 0x2C),
            readoutBackground = Color(0x2B, 0x2D, 0x30, 0xF2),
            readoutBorder = Color(0x4E5157),
            focus = Color(0x3574F0),
            curves = listOf(0x5CCDFF, 0xFFB523, 0x15955A, 0xC95CA2, 0xF1DA74, 0xE16F27, 0xC8C8C8).map(::Color),
        )
    }
}

/** The theme that goes with a component's background. */
internal fun themeOf(component: Component): ChartTheme = themeOf(component.background ?: Color.WHITE)

/** The theme that goes with this background. */
internal fun themeOf(color: Color): ChartTheme =
    if (color.red * 3 + color.green * 6 + color.blue < 1280) ChartTheme.DARK else ChartTheme.LIGHT
