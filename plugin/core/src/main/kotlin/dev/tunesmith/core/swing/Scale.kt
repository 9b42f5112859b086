package dev.tunesmith.core.swing

import java.awt.Component
import java.awt.Dimension
import java.awt.Font
import java.awt.Insets
import javax.swing.UIManager
import javax.swing.border.AbstractBorder
import kotlin.math.roundToInt

/**
 * How much larger than usual a font of [fontSize] is, and with it all that stands beside it. Sizes in this code are
 * those for the usual font; what is smaller leaves them as they are.
 */
internal fun scaleOf(fontSize: Double): Double = maxOf(1.0, fontSize / USUAL)

/** The size of the font for which all sizes are meant. Unit: pixel. */
private const val USUAL = 13.0

/** The font of labels, for what is in no window that gives it one. */
internal fun usualFont(): Font = UIManager.getFont("Label.font") ?: Font(Font.SANS_SERIF, Font.PLAIN, USUAL.toInt())

/** How much larger than usual the user has everything: the IDE's zoom and its scale enlarge the font of labels. */
internal fun scale(): Double = scaleOf(usualFont().size2D.toDouble())

/** [size] as large as the user has everything. Unit: pixel. */
internal fun scaled(size: Int): Int = (size * scale()).roundToInt()

/** The same of both sides. */
internal fun scaled(width: Int, height: Int): Dimension = Dimension(scaled(width), scaled(height))

/** Empty space around a component, as large as the user has everything, also when that changes. Unit: pixel. */
internal class ScaledBorder(
    private val top: Int,
    private val left: Int,
    private val bottom: Int,
    private val right: Int,
) : AbstractBorder() {
    /** The same on all sides. */
    constructor(around: Int) : this(around, around, around, around)

    override fun getBorderInsets(component: Component?): Insets =
        Insets(scaled(top), scaled(left), scaled(bottom), scaled(right))

    override fun getBorderInsets(component: Component?, insets: Insets): Insets =
        insets.apply { getBorderInsets(component).let { set(it.top, it.left, it.bottom, it.right) } }
}
