package dev.tunesmith.core.wizard

import dev.tunesmith.core.Words
import dev.tunesmith.core.client.Limits
import dev.tunesmith.core.protocol.Catalog
import dev.tunesmith.core.support.await
import dev.tunesmith.core.support.notesProject
import dev.tunesmith.core.support.python
import dev.tunesmith.core.support.ready
import dev.tunesmith.core.support.real
import dev.tunesmith.core.support.withClient
import dev.tunesmith.core.swing.Album
import dev.tunesmith.core.swing.Stage
import dev.tunesmith.core.swing.Theme
import dev.tunesmith.core.swing.dress
import dev.tunesmith.core.swing.languages
import dev.tunesmith.core.swing.onUi
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.condition.DisabledIfSystemProperty
import org.junit.jupiter.api.io.TempDir
import java.awt.Dimension
import java.nio.file.Path
import java.util.Locale

/** Pictures of every page on what the real server says of real data, in both languages and themes, at two sizes. */
@Timeout(600)
@DisabledIfSystemProperty(named = "java.awt.headless", matches = "true", disabledReason = "needs a screen")
internal class WizardPicturesTest {
    @TempDir
    lateinit var folder: Path

    private val album = Album()

    private val files = object : WizardFiles {
        override fun data(now: String): String? = null

        override fun folder(now: String): String? = null
    }

    @Test
    fun `each page`() {
        notesProject(folder, epochs = 1)
        val states = LinkedHashMap<String, WizardState>()
        withClient(real(folder), Limits()) { client ->
            client.ready()
            val wizard = Wizard(ServerBackend(client), this)
            wizard.state.await<WizardState> { it.catalog is Loaded.Ready }
            states["example"] = wizard.state.value
            wizard.send(WizardEvent.ChooseData(folder.resolve("data/docstrings.csv").toString()))
            states["data"] = wizard.state.await<WizardState> { it.preview is Loaded.Ready }
            wizard.send(WizardEvent.Next)
            states["task"] = wizard.state.value
            wizard.send(WizardEvent.Next)
            states["model"] = answered(wizard)
            wizard.send(WizardEvent.ChooseModel("scratch"))
            wizard.send(WizardEvent.Next)
            states["method"] = wizard.state.await<WizardState> { now -> answers(now) >= SOME }
            wizard.send(WizardEvent.Next)
            states["obstacle"] = wizard.state.value
            wizard.send(WizardEvent.ChoosePlace("/home/me/PyCharmProjects/docstrings", "docstrings"))
            states["place"] = wizard.state.value
            wizard.send(WizardEvent.Cancel)
        }
        assertEquals(Step.entries.toSet(), states.values.map { it.step }.toSet())
        states["missing"] = states.getValue("task").run { copy(columns = roles + ("label" to emptyList())) }
        for ((language, locale) in languages) {
            val catalog = Loaded.Ready(catalog(locale))
            for ((name, state) in states) take(state.copy(catalog = catalog), Words(locale), "$name-$language")
        }
        album.assertFlawless()
    }

    private fun catalog(locale: Locale): Catalog {
        lateinit var found: Catalog
        withClient(real(folder).copy(locale = locale), Limits()) { client ->
            client.ready()
            found = ServerBackend(client).catalog()
        }
        return found
    }

    private suspend fun answered(wizard: Wizard): WizardState =
        wizard.state.await<WizardState> { now -> now.estimates.values.none { it is Loaded.Loading } }

    private fun answers(state: WizardState) = state.estimates.values.count { it !is Loaded.Loading }

    private fun take(state: WizardState, words: Words, name: String) {
        val panel = onUi {
            dress(Theme.LIGHT)
            WizardPanel(words, "$python", files) {}.apply { show(state) }
        }
        Stage(panel, Dimension(980, 680)).use { stage ->
            album.take(stage, words, "wizard-$name", refresh = { panel.show(state) })
            assertTrue(onUi { panel.isShowing })
        }
    }

    private companion object {
        /** Each estimate loads a model in a process of its own; the picture may show some that are still awaited. */
        const val SOME = 4
    }
}
