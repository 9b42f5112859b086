package dev.tunesmith.core.setup

import dev.tunesmith.core.Words
import dev.tunesmith.core.environment.BannerState
import dev.tunesmith.core.environment.Interpreter
import dev.tunesmith.core.environment.SetupState
import dev.tunesmith.core.swing.Album
import dev.tunesmith.core.swing.Stage
import dev.tunesmith.core.swing.Theme
import dev.tunesmith.core.swing.dress
import dev.tunesmith.core.swing.languages
import dev.tunesmith.core.swing.onUi
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.condition.DisabledIfSystemProperty
import java.awt.BorderLayout
import java.awt.Dimension
import java.nio.file.Path
import javax.swing.JComponent
import javax.swing.JPanel

/** Pictures of the setup and of every banner, light and dark, in both languages, at 100 % and 200 %. */
@Timeout(300)
@DisabledIfSystemProperty(named = "java.awt.headless", matches = "true", disabledReason = "needs a screen")
internal class SetupPicturesTest {
    private val album = Album()
    private val one = Interpreter(Path.of("/usr/bin/python3"), "3.12.3")
    private val two = Interpreter(Path.of("/opt/python3.11/bin/python3"), "3.11.9")

    private companion object {
        const val FOLDER = "/home/me/.cache/JetBrains/PyCharm2025.3/tunesmith/python"
    }

    private fun take(content: JComponent, words: Words, name: String, size: Dimension) {
        Stage(content, size).use { album.take(it, words, name) }
    }

    @Test
    fun `the setup before the wizard`() {
        for ((language, locale) in languages) {
            val words = Words(locale)
            val states = mapOf(
                "looking" to SetupState(),
                "choice" to SetupState(false, listOf(one, two), chosen = one),
                "making" to SetupState(false, listOf(one), chosen = one, making = MAKING),
                "failed" to SetupState(false, listOf(one), chosen = one, making = FAILED),
                "unfit" to SetupState(false, unfit = listOf(one.copy(version = "3.9.2"))),
            )
            for ((name, state) in states) {
                val panel = onUi {
                    dress(Theme.LIGHT)
                    SetupPanel(words, FOLDER) {}.apply { show(state) }
                }
                take(panel, words, "setup-$name-$language", Dimension(940, 640))
            }
        }
        album.assertFlawless()
    }

    @Test
    fun `every banner, and one at work`() {
        for ((language, locale) in languages) {
            val words = Words(locale)
            val states = BANNERS.associate { it.trouble.name.lowercase() to BannerState(it) } +
                mapOf("making" to BannerState(BANNERS[4], MAKING), "failed" to BannerState(BANNERS[0], FAILED))
            for ((name, state) in states) {
                val page = onUi {
                    dress(Theme.LIGHT)
                    val banner = BannerPanel(words, {}, {}).apply { show(state) }
                    JPanel(BorderLayout()).apply { add(banner, BorderLayout.NORTH) }
                }
                take(page, words, "banner-$name-$language", Dimension(900, if (name == "failed") 320 else 130))
                assertTrue(onUi { page.getComponent(0).isVisible })
            }
        }
        album.assertFlawless()
    }
}
