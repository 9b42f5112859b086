package dev.tunesmith.core.window

import dev.tunesmith.core.Words
import dev.tunesmith.core.client.QuestionState
import dev.tunesmith.core.details.Details
import dev.tunesmith.core.failure
import dev.tunesmith.core.panels.CheckpointsPanel
import dev.tunesmith.core.panels.DevicesView
import dev.tunesmith.core.panels.DifferencesPanel
import dev.tunesmith.core.panels.EventsPanel
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
 * The open run in its tabs. Only the tab that is looked at is drawn; each is made when it is first looked at.
 *
 * @param board The curves.
 */
internal class RunTabs(
    private val words: Words,
    zone: ZoneId,
    private val board: JComponent,
    private val models: WindowModels,
    intent: (Intent) -> Unit,
) : JPanel(BorderLayout()) {
    val header = RunHeader(words)
    val tabs = JTabbedPane()
    private val results by lazy { ResultsPanel(words, intent) }
    private val checkpoints by lazy { CheckpointsPanel(words, zone, intent) }
    private val log by lazy { LogPanel(words, intent) }
    private val events by lazy { EventsPanel(words, zone) }
    private val settings by lazy { settingsPanel(words) }
    private val differences by lazy { DifferencesPanel(words) }
    private val devices by lazy { DevicesView(words) }
    private val tries by lazy { TryPanel(words, intent) }
    private val places = WindowTab.entries.associateWith { JPanel(BorderLayout()) }
    private var logged: String? = null

    init {
        tabs.tabLayoutPolicy = JTabbedPane.SCROLL_TAB_LAYOUT
        tabs.accessibleContext.accessibleName = words("window.tabs")
        places.forEach { (tab, place) -> tabs.addTab(words(tab.key), place) }
        tabs.addChangeListener { refresh() }
        add(header, BorderLayout.NORTH)
        add(tabs, BorderLayout.CENTER)
        refresh()
    }

    var tab: WindowTab
        get() = WindowTab.entries[tabs.selectedIndex]
        set(value) {
            tabs.selectedIndex = value.ordinal
        }

    /** What the models know now, in the tab that is looked at. */
    fun refresh() {
        val details = models.details.state.value
        val place = places.getValue(tab)
        if (place.componentCount == 0) {
            place.add(panel(tab))
            place.revalidate()
        }
        when (tab) {
            WindowTab.CURVES -> Unit
            WindowTab.RESULTS -> results.show(details, models.rows.state.value)
            WindowTab.CHECKPOINTS -> showCheckpoints(details)
            WindowTab.LOG -> showLog(details)
            WindowTab.SETTINGS -> settings.show(details?.detail?.settings.orEmpty())
            WindowTab.DIFFERENCES -> showComparison(models.comparison.state.value)
            WindowTab.DEVICES -> devices.show(models.devices.state.value ?: Devices())
            WindowTab.TRY -> tries.show(details?.run.orEmpty(), models.answers.state.value)
        }
    }

    private fun panel(tab: WindowTab): JComponent = when (tab) {
        WindowTab.CURVES -> board
        WindowTab.RESULTS -> results
        WindowTab.CHECKPOINTS -> checkpoints.component
        WindowTab.LOG -> TurningSplit(events.component, log, EVENTS_SHARE)
        WindowTab.SETTINGS -> settings.component
        WindowTab.DIFFERENCES -> differences.component
        WindowTab.DEVICES -> scrolledDevices()
        WindowTab.TRY -> tries
    }

    private fun scrolledDevices(): JScrollPane {
        devices.addHierarchyListener {
            if (it.changeFlags and HierarchyEvent.SHOWING_CHANGED.toLong() != 0L) models.devices.look(devices.isShowing)
        }
        return JScrollPane(devices).apply { border = BorderFactory.createEmptyBorder() }
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
        events.show(details?.events.orEmpty())
        if (details != null) log.show(details.log)
    }

    private fun showComparison(asked: QuestionState<List<String>, Comparison>) = when (asked) {
        QuestionState.Nothing -> differences.show(Comparison())
        is QuestionState.Waiting -> differences.say(words("differences.waiting"))
        is QuestionState.Failed -> differences.say(words.failure(asked.failure))
        is QuestionState.Answered -> differences.show(asked.answer)
    }

    private companion object {
        const val EVENTS_SHARE = 0.5
    }
}
