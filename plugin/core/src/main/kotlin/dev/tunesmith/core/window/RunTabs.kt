package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.client.Asked
import dev.tunesmith.core.details.Details
import dev.tunesmith.core.failure
import dev.tunesmith.core.panels.CheckpointsPanel
import dev.tunesmith.core.panels.DevicesView
import dev.tunesmith.core.panels.DifferencesPanel
import dev.tunesmith.core.panels.HappeningsPanel
import dev.tunesmith.core.panels.Intent
import dev.tunesmith.core.panels.LogPanel
import dev.tunesmith.core.panels.settingsPanel
import dev.tunesmith.core.protocol.Comparison
import dev.tunesmith.core.protocol.Devices
import java.awt.BorderLayout
import java.awt.event.HierarchyEvent
import java.time.ZoneId
import javax.swing.BorderFactory
import javax.swing.JComponent
import javax.swing.JPanel
import javax.swing.JScrollPane
import javax.swing.JTabbedPane

/**
 * The open run in its tabs. Only the tab that is looked at is drawn.
 *
 * @param board The curves.
 */
internal class RunTabs(
    private val words: Words,
    zone: ZoneId,
    board: JComponent,
    private val models: WindowModels,
    intent: (Intent) -> Unit,
) : JPanel(BorderLayout()) {
    val header = RunHeader(words)
    val tabs = JTabbedPane()
    private val results = ResultsPanel(words, intent)
    private val checkpoints = CheckpointsPanel(words, zone, intent)
    private val log = LogPanel(words, intent)
    private val happenings = HappeningsPanel(words, zone)
    private val settings = settingsPanel(words)
    private val differences = DifferencesPanel(words)
    private val devices = DevicesView(words)
    private val tries = TryPanel(words, intent)
    private var logged: String? = null

    init {
        val scroll = JScrollPane(devices)
        scroll.border = BorderFactory.createEmptyBorder()
        val panels = mapOf(
            WindowTab.CURVES to board,
            WindowTab.RESULTS to results,
            WindowTab.CHECKPOINTS to checkpoints.component,
            WindowTab.LOG to TurningSplit(happenings.component, log, EVENTS_SHARE),
            WindowTab.SETTINGS to settings.component,
            WindowTab.DIFFERENCES to differences.component,
            WindowTab.DEVICES to scroll,
            WindowTab.TRY to tries,
        )
        tabs.tabLayoutPolicy = JTabbedPane.SCROLL_TAB_LAYOUT
        tabs.accessibleContext.accessibleName = words("window.tabs")
        WindowTab.entries.forEach { tabs.addTab(words(it.key), panels.getValue(it)) }
        tabs.addChangeListener { refresh() }
        devices.addHierarchyListener {
            if (it.changeFlags and HierarchyEvent.SHOWING_CHANGED.toLong() != 0L) models.devices.look(devices.isShowing)
        }
        add(header, BorderLayout.NORTH)
        add(tabs, BorderLayout.CENTER)
        showComparison(Asked.Nothing)
    }

    var tab: WindowTab
        get() = WindowTab.entries[tabs.selectedIndex]
        set(value) {
            tabs.selectedIndex = value.ordinal
        }

    /** What the models know now, in the tab that is looked at. */
    fun refresh() {
        val details = models.details.state.value
        when (tab) {
            WindowTab.CURVES -> Unit
            WindowTab.RESULTS -> results.show(details, models.behind.state.value)
            WindowTab.CHECKPOINTS -> showCheckpoints(details)
            WindowTab.LOG -> showLog(details)
            WindowTab.SETTINGS -> settings.show(details?.detail?.settings.orEmpty())
            WindowTab.DIFFERENCES -> showComparison(models.comparison.state.value)
            WindowTab.DEVICES -> devices.show(models.devices.state.value ?: Devices())
            WindowTab.TRY -> tries.show(details?.run.orEmpty(), models.answers.state.value)
        }
    }

    /** Put [text] where it can be changed and tried. */
    fun tryOut(text: String) {
        tries.input.text = text
        tab = WindowTab.TRY
        tries.input.requestFocusInWindow()
    }

    private fun showCheckpoints(details: Details?) {
        val detail = details?.detail
        checkpoints.show(details?.run.orEmpty(), detail?.checkpoints.orEmpty(), detail?.run?.best?.metric.orEmpty())
    }

    private fun showLog(details: Details?) {
        if (details?.run != logged) log.show("")
        logged = details?.run
        happenings.show(details?.events.orEmpty())
        if (details != null) log.show(details.log)
    }

    private fun showComparison(asked: Asked<List<String>, Comparison>) = when (asked) {
        Asked.Nothing -> differences.show(Comparison())
        is Asked.Waiting -> differences.say(words("differences.waiting"))
        is Asked.Failed -> differences.say(words.failure(asked.failure))
        is Asked.Answered -> differences.show(asked.answer)
    }

    private companion object {
        const val EVENTS_SHARE = 0.5
    }
}
