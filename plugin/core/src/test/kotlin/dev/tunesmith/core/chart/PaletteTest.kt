package dev.tunesmith.core.chart

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.awt.Color
import kotlin.math.cbrt
import kotlin.math.pow
import kotlin.math.sqrt

internal class PaletteTest {
    private val themes = mapOf("light" to ChartTheme.LIGHT, "dark" to ChartTheme.DARK)

    private fun linear(color: Color): DoubleArray = intArrayOf(color.red, color.green, color.blue)
        .map { it / 255.0 }.map { if (it <= 0.04045) it / 12.92 else ((it + 0.055) / 1.055).pow(2.4) }.toDoubleArray()

    private fun luminance(color: Color): Double = linear(color).let { 0.2126 * it[0] + 0.7152 * it[1] + 0.0722 * it[2] }

    /** Contrast ratio of WCAG 2.1. */
    private fun contrast(a: Color, b: Color): Double {
        val (dark, light) = listOf(luminance(a), luminance(b)).sorted()
        return (light + 0.05) / (dark + 0.05)
    }

    /** What readers without one kind of cones see; Machado, Oliveira, Fernandes 2009, severity 1. */
    private val eyes = mapOf(
        "all cones" to matrix("1 0 0 0 1 0 0 0 1"),
        "no red" to matrix("0.152286 1.052583 -0.204868 0.114503 0.786281 0.099216 -0.003882 -0.048116 1.051998"),
        "no green" to matrix("0.367322 0.860646 -0.227968 0.280085 0.672501 0.047413 -0.011820 0.042940 0.968881"),
        "no blue" to matrix("1.255528 -0.076749 -0.178779 -0.078411 0.930809 0.147602 0.004733 0.691367 0.303900"),
    )

    private fun matrix(rows: String): List<Double> = rows.split(' ').map { it.toDouble() }

    private fun lab(color: Color, eye: List<Double>): DoubleArray {
        val rgb = linear(color)
        val seen = DoubleArray(3) { row -> (0..2).sumOf { eye[3 * row + it] * rgb[it] }.coerceIn(0.0, 1.0) }
        val x = (0.4124564 * seen[0] + 0.3575761 * seen[1] + 0.1804375 * seen[2]) / 0.95047
        val y = 0.2126729 * seen[0] + 0.7151522 * seen[1] + 0.0721750 * seen[2]
        val z = (0.0193339 * seen[0] + 0.1191920 * seen[1] + 0.9503041 * seen[2]) / 1.08883
        val (fx, fy, fz) = listOf(x, y, z).map { if (it > 0.008856) cbrt(it) else 7.787 * it + 16.0 / 116 }
        return doubleArrayOf(116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz))
    }

    @Test
    fun `every curve stands out from its background`() {
        for ((name, theme) in themes) {
            for (color in theme.curves) {
                assertTrue(
                    contrast(color, theme.background) >= 3.0,
                    "$name $color: ${contrast(color, theme.background)}",
                )
            }
        }
    }

    @Test
    fun `words can be read`() {
        for ((name, theme) in themes) {
            assertTrue(contrast(theme.text, theme.background) >= 7.0, name)
            assertTrue(
                contrast(theme.quiet, theme.background) >= 4.5,
                "$name ${contrast(theme.quiet, theme.background)}",
            )
            val readout =
                Color(theme.readoutBackground.red, theme.readoutBackground.green, theme.readoutBackground.blue)
            assertTrue(contrast(theme.quiet, readout) >= 4.5, name)
        }
    }

    @Test
    fun `colour-blind readers can tell any two curves apart`() {
        for ((name, theme) in themes) {
            for ((who, eye) in eyes) {
                val labs = theme.curves.map { lab(it, eye) }
                for (i in labs.indices) {
                    for (j in 0 until i) {
                        val distance = sqrt((0..2).sumOf { (labs[i][it] - labs[j][it]).pow(2) })
                        assertTrue(distance >= 20.0, "$name, $who: colours $j and $i are $distance apart")
                    }
                }
            }
        }
    }

    @Test
    fun `the first 28 runs all look different`() {
        val looks = (0 until 28).map { ChartTheme.LIGHT.color(it) to ChartTheme.LIGHT.dash(it) }
        assertEquals(28, looks.distinct().size)
    }
}
