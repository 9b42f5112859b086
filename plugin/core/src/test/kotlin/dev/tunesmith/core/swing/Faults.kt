package dev.tunesmith.core.swing

import dev.tunesmith.core.Words
import dev.tunesmith.core.chart.Anchor
import dev.tunesmith.core.chart.ChartFonts
import dev.tunesmith.core.chart.ChartView
import dev.tunesmith.core.chart.PanelsView
import dev.tunesmith.core.chart.Scene
import dev.tunesmith.core.chart.Text
import dev.tunesmith.core.chart.TextMeasure
import dev.tunesmith.core.chart.baseScene
import dev.tunesmith.core.panels.ConfusionView
import dev.tunesmith.core.panels.DevicesView
import java.awt.Component
import java.awt.Font
import javax.swing.AbstractButton
import javax.swing.JComboBox
import javax.swing.JComponent
import javax.swing.JLabel
import javax.swing.JScrollBar
import javax.swing.JSpinner
import javax.swing.JTabbedPane
import javax.swing.JTable
import javax.swing.JTextArea
import javax.swing.JTextPane
import javax.swing.JViewport
import javax.swing.SwingUtilities
import javax.swing.text.JTextComponent

/**
 * What is wrong with what is to be seen in [root], a line each; call it on the UI thread, of a window that is shown.
 *
 * Labels, buttons, lists, tabs and headings that are cut off or say nothing; texts that run out of their area; things
 * for the keyboard without an accessible name; signs that the font does not have.
 */
internal fun faultsOf(root: Component, words: Words): List<String> =
    root.tree().filter { it.isShowing && !isPartOfOther(it) }.flatMap { component ->
        val found = when (component) {
            is JLabel -> ofText(component, component.text.orEmpty(), hasIcon = component.icon != null)
            is AbstractButton -> ofText(component, component.text.orEmpty(), hasIcon = component.icon != null)
            is JComboBox<*>, is JSpinner -> cut(component)
            is JTable -> ofTable(component)
            is JTabbedPane -> ofTabs(component)
            is JTextArea -> if (component.parent is JViewport) emptyList() else ofArea(component)
            is JTextPane -> if (component.parent is JViewport) emptyList() else ofPane(component)
            is ChartView -> ofChart(component, words)
            is ConfusionView -> ofScene(component.layoutNow().scene(component.theme, null, "", ""), component)
            is PanelsView -> ofScene(component.scene(), component)
            is DevicesView -> ofScene(component.scene(component.width.toDouble()), component)
            else -> emptyList()
        }
        (found + unnamed(component)).map { "$it in ${pathOf(component)}" }
    }

/** Parts that the look and feel makes for itself. */
private fun isPartOfOther(component: Component): Boolean =
    generateSequence(component.parent) { it.parent }.any { it is JScrollBar || it is JComboBox<*> || it is JSpinner } ||
        component is JScrollBar || component.javaClass.name.let { "Flat" in it || "javax.swing.plaf" in it }

private fun ofText(component: JComponent, text: String, hasIcon: Boolean): List<String> = when {
    text.isEmpty() -> if (hasIcon || component.preferredSize.width <= EMPTY) emptyList() else listOf("says nothing")

    component.toolTipText == text -> hidden(component) + unknownSigns(text, component.font)

    // told in full there
    else -> cut(component) + unknownSigns(text, component.font)
}

private fun cut(component: Component): List<String> {
    val wanted = component.preferredSize
    val isCut = component.width < wanted.width || component.height < wanted.height
    if (!isCut) return hidden(component)
    return listOf("cut off: ${component.size.short()} of ${wanted.short()}, \"${said(component)}\"")
}

/** Wholly or partly outside of what contains it, where nothing scrolls. */
private fun hidden(component: Component): List<String> {
    val parent = component.parent ?: return emptyList()
    if (parent is JViewport) return emptyList()
    val isOut = component.x < 0 || component.y < 0 || component.x + component.width > parent.width ||
        component.y + component.height > parent.height
    return if (isOut) listOf("out of its container: \"${said(component)}\" at ${component.bounds}") else emptyList()
}

private fun ofArea(area: JTextArea): List<String> =
    if (area.text.isEmpty()) emptyList() else cut(area) + unknownSigns(area.text, area.font)

/** Its lines break where they must, so only its height can be too small. */
private fun ofPane(pane: JTextPane): List<String> {
    val wanted = pane.preferredSize.height
    val cut = if (pane.height < wanted) listOf("cut off: ${pane.height} of $wanted, \"${pane.text}\"") else emptyList()
    return cut + unknownSigns(pane.text, pane.font)
}

private fun ofTable(table: JTable): List<String> {
    val header = table.tableHeader ?: return emptyList()
    return (0 until table.columnCount).flatMap { at ->
        val column = table.columnModel.getColumn(at)
        val renderer = column.headerRenderer ?: header.defaultRenderer
        val shown = renderer.getTableCellRendererComponent(table, column.headerValue, false, false, -1, at)
        val text = (shown as? JLabel)?.text.orEmpty()
        when {
            text.isBlank() -> listOf("a heading says nothing: column $at")
            shown.preferredSize.width > column.width -> listOf("heading cut off: \"$text\" in ${column.width}")
            else -> unknownSigns(text, table.font)
        }
    }
}

private fun ofTabs(tabs: JTabbedPane): List<String> = (0 until tabs.tabCount).flatMap { at ->
    val bounds = tabs.getBoundsAt(at)
    val title = tabs.getTitleAt(at)
    val wanted = tabs.getFontMetrics(tabs.font).stringWidth(title)
    when {
        title.isBlank() -> listOf("a tab says nothing: $at")
        bounds != null && bounds.width < wanted -> listOf("tab cut off: \"$title\"")
        else -> unknownSigns(title, tabs.font)
    }
}

private fun ofChart(view: ChartView, words: Words): List<String> =
    ofScene(baseScene(view.state, view.layoutNow(), view.theme, words), view)

private fun ofScene(scene: Scene, component: JComponent): List<String> {
    val measure = ChartFonts(component.font).measure()
    val texts = scene.shapes.filterIsInstance<Text>()
    val out = texts.filter { text ->
        val left = text.left(measure)
        left < -1 || left + measure.width(text.text, text.style) > scene.width + 1
    }
    return out.map { "text runs out of the picture: \"${it.text}\"" } +
        texts.flatMap { unknownSigns(it.text, component.font) }
}

private fun Text.left(measure: TextMeasure): Double = when (anchor) {
    Anchor.START -> x
    Anchor.MIDDLE -> x - measure.width(text, style) / 2
    Anchor.END -> x - measure.width(text, style)
}

/**
 * A machine without any font for a language says nothing about the words in it, and none about emoji, which stand in
 * data only and have fonts of their own.
 */
private fun unknownSigns(text: String, font: Font): List<String> {
    val unknown = text.filter {
        !font.canDisplay(it) && !it.isISOControl() && !it.isSurrogate() && (!isChinese(it) || hasChinese)
    }
    return if (unknown.isEmpty()) emptyList() else listOf("no sign for \"$unknown\" in \"$text\"")
}

private fun isChinese(sign: Char) = sign.code >= CHINESE

/** Whether pictures of Chinese windows can be read on this machine. */
internal val hasChinese: Boolean by lazy { Font(Font.DIALOG, Font.PLAIN, 12).canDisplay('步') }

private fun unnamed(component: Component): List<String> {
    val isForKeys = component is AbstractButton || component is JTextComponent || component is JTable ||
        component is JComboBox<*> || component is JSpinner || component is JTabbedPane
    if (!isForKeys || !component.isFocusable) return emptyList()
    val isQuiet = component is JTextComponent && !component.isEditable && component.parent !is JViewport
    val name = component.accessibleContext?.accessibleName
    return if (name.isNullOrBlank() && !isQuiet) listOf("no accessible name") else emptyList()
}

private fun said(component: Component): String = when (component) {
    is JLabel -> component.text.orEmpty()
    is AbstractButton -> component.text.orEmpty()
    is JTextComponent -> component.text
    is JComboBox<*> -> "${component.selectedItem}"
    else -> ""
}

private fun pathOf(component: Component): String =
    generateSequence(component) { it.parent }.takeWhile { it !is javax.swing.JRootPane }
        .map { it.javaClass.simpleName.ifEmpty { it.javaClass.superclass.simpleName } }.toList().reversed()
        .takeLast(DEPTH).joinToString(" > ") + " at " + SwingUtilities.getRoot(component)?.size?.short().orEmpty()

private fun java.awt.Dimension.short() = "${width}x$height"

private const val EMPTY = 12
private const val DEPTH = 5
private const val CHINESE = 0x2E80
