package dev.tunesmith.core.setup

import dev.tunesmith.core.Words
import dev.tunesmith.core.environment.Banner
import dev.tunesmith.core.environment.BannerState
import dev.tunesmith.core.environment.EnvironmentEnd
import dev.tunesmith.core.environment.EnvironmentFault
import dev.tunesmith.core.environment.EnvironmentState
import dev.tunesmith.core.environment.EnvironmentStep
import dev.tunesmith.core.environment.Interpreter
import dev.tunesmith.core.environment.Left
import dev.tunesmith.core.environment.Mend
import dev.tunesmith.core.environment.SetupState
import dev.tunesmith.core.environment.Trouble
import dev.tunesmith.core.wizard.Prose
import dev.tunesmith.core.wizard.all
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.awt.Container
import java.nio.file.Path
import java.util.Locale
import javax.swing.AbstractButton
import javax.swing.JComboBox
import javax.swing.JProgressBar
import javax.swing.JTextArea
import javax.swing.SwingUtilities

internal val MAKING = EnvironmentState(
    steps = EnvironmentStep.entries - EnvironmentStep.PACKAGES,
    current = EnvironmentStep.TORCH,
    log = listOf(
        "$ uv pip install --python /home/me/project/.venv/bin/python torch>=2.10",
        "Resolved 28 packages in 412ms",
        "Downloading torch (858.1MiB)",
    ),
)

internal val FAILED = MAKING.copy(
    current = null,
    log = MAKING.log + "error: Failed to fetch: https://download.pytorch.org/whl/cu130/torch/",
    end = EnvironmentEnd.Failed(
        EnvironmentStep.TORCH,
        EnvironmentFault.Ended(2, "error: Failed to fetch: https://download.pytorch.org/whl/cu130/torch/"),
        Left.Nothing,
    ),
)

/** One banner of each kind, as they come. */
internal val BANNERS: List<Banner> = listOf(
    Banner(Trouble.NO_INTERPRETER, Mend.MakeEnvironment),
    Banner(Trouble.REMOTE_INTERPRETER, Mend.ChooseInterpreter),
    Banner(Trouble.NO_RUNTIME, Mend.InstallRuntime, "/usr/bin/python3: No module named tunesmith"),
    Banner(Trouble.OLD_RUNTIME, Mend.InstallRuntime),
    Banner(Trouble.NO_TORCH, Mend.Install(listOf("torch")), "torch is not installed"),
    Banner(
        Trouble.TORCH_WITHOUT_GPU,
        Mend.Install(listOf("torch")),
        "this machine has NVIDIA H100, but torch is built for the CPU only",
    ),
    Banner(Trouble.DOCTOR, Mend.Install(listOf("rich")), "rich 12.0 does not fit rich>=13"),
    Banner(Trouble.UNTRUSTED, Mend.Trust),
    Banner(Trouble.NOT_TAKEN, Mend.Take(Path.of("/home/me/.venv/bin/python")), "/home/me/.venv/bin/python"),
)

internal class SetupViewsTest {
    private val words = Words(Locale.ENGLISH)
    private val done = mutableListOf<String>()

    private fun onUi(test: () -> Unit) = SwingUtilities.invokeAndWait(test)

    private fun Container.button(key: String): AbstractButton =
        all().filterIsInstance<AbstractButton>().first { it.text == words(key) }

    private fun Container.said() =
        all().filterIsInstance<Prose>().filter { it.isVisible }.joinToString("\n") { it.text }

    private fun banner() = BannerPanel(words, { done += "mend" }, { done += "cancel" })

    @Test
    fun `nothing is shown while nothing is missing`() = onUi {
        val panel = banner()
        assertFalse(panel.isVisible)
        panel.show(BannerState(BANNERS[0]))
        assertTrue(panel.isVisible)
        panel.show(BannerState())
        assertFalse(panel.isVisible)
    }

    @Test
    fun `every banner has a sentence and one button`() = onUi {
        assertEquals(Trouble.entries.toSet(), BANNERS.map { it.trouble }.toSet())
        for (banner in BANNERS) {
            val panel = banner().apply { show(BannerState(banner)) }
            assertTrue(banner.told in panel.said() && panel.said().length > banner.told.length + 20, panel.said())
            val button = panel.button(buttonKey(banner.mend))
            done.clear()
            button.doClick()
            assertEquals(listOf("mend"), done)
        }
    }

    private fun buttonKey(mend: Mend) = when (mend) {
        Mend.MakeEnvironment -> "banner.mend.make"
        Mend.InstallRuntime -> "banner.mend.install"
        is Mend.Install -> "banner.mend.packages"
        Mend.ChooseInterpreter -> "banner.mend.choose"
        Mend.Trust -> "banner.mend.trust"
        is Mend.Take -> "banner.mend.take"
    }

    @Test
    fun `while it is mended there is progress, a way to cancel, and the full log`() = onUi {
        val panel = banner()
        panel.show(BannerState(BANNERS[4], MAKING))
        assertFalse(panel.button("banner.mend.packages").isEnabled)
        assertTrue(words("environment.torch") in panel.said(), panel.said())
        assertEquals(400, panel.all().filterIsInstance<JProgressBar>().single().value)
        panel.button("environment.cancel").doClick()
        assertEquals(listOf("cancel"), done)
        val log = panel.all().filterIsInstance<JTextArea>().first { it !is Prose }
        assertFalse(log.parent.parent.isVisible)
        panel.button("environment.log").doClick()
        assertTrue(log.parent.parent.isVisible)
        assertEquals(MAKING.log.joinToString("\n", postfix = "\n"), log.text)
        panel.show(BannerState(BANNERS[4], MAKING.copy(log = MAKING.log + "more")))
        assertEquals((MAKING.log + "more").joinToString("\n", postfix = "\n"), log.text)
        panel.show(BannerState(BANNERS[4], MAKING.copy(log = listOf("again"))))
        assertEquals("again\n", log.text)
    }

    @Test
    fun `what failed says why and what is left, opens its log and can be tried again`() = onUi {
        val panel = banner()
        panel.show(BannerState(BANNERS[0], FAILED))
        assertTrue("Failed to fetch" in panel.said() && words("environment.left.nothing") in panel.said(), panel.said())
        assertTrue(panel.button("environment.log").isSelected)
        assertTrue(panel.button("banner.mend.make").isEnabled)
        val cancelled = EnvironmentEnd.Cancelled(Left.Folder(Path.of("/p/.venv")))
        panel.show(BannerState(BANNERS[0], MAKING.copy(end = cancelled)))
        assertTrue("/p/.venv" in panel.said(), panel.said())
    }

    @Test
    fun `the setup makes something only when it is told to`() = onUi {
        val sent = mutableListOf<SetupIntent>()
        val panel = SetupPanel(words, "/home/me/.cache/tunesmith") { sent += it }
        assertFalse(panel.button("setup.make").isEnabled)
        val one = Interpreter(Path.of("/usr/bin/python3"), "3.12.3")
        val two = Interpreter(Path.of("/opt/python/bin/python3"), "3.11.9")
        panel.show(SetupState(false, listOf(one, two), chosen = one))
        assertEquals(emptyList<SetupIntent>(), sent)
        assertTrue("/home/me/.cache/tunesmith" in panel.said(), panel.said())
        panel.all().filterIsInstance<JComboBox<*>>().single().selectedItem = two
        panel.button("setup.make").doClick()
        assertEquals(listOf(SetupIntent.Choose("/opt/python/bin/python3"), SetupIntent.Make), sent)
        panel.show(SetupState(false, listOf(one), chosen = one, making = MAKING))
        assertFalse(panel.button("setup.make").isEnabled)
        panel.show(SetupState(false, unfit = listOf(two.copy(version = "3.9.2"))))
        assertTrue("3.9.2" in panel.said(), panel.said())
        panel.show(SetupState(false))
        assertTrue(words("setup.none") in panel.said(), panel.said())
    }
}
