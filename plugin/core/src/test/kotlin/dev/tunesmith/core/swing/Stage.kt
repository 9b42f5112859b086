package dev.tunesmith.core.swing

import com.formdev.flatlaf.FlatDarkLaf
import com.formdev.flatlaf.FlatLightLaf
import dev.tunesmith.core.support.until
import java.awt.Component
import java.awt.Dimension
import java.awt.image.BufferedImage
import java.io.File
import javax.imageio.ImageIO
import javax.swing.JComponent
import javax.swing.JFrame
import javax.swing.RepaintManager
import javax.swing.SwingUtilities
import kotlin.math.ceil

/** How an IDE can look. */
internal enum class Theme { LIGHT, DARK }

/** From now on windows look like this; call it on the UI thread. */
internal fun dress(theme: Theme) {
    if (theme == Theme.LIGHT) FlatLightLaf.setup() else FlatDarkLaf.setup()
}

internal fun <T> onUi(what: () -> T): T {
    if (SwingUtilities.isEventDispatchThread()) return what()
    var result: Result<T>? = null
    SwingUtilities.invokeAndWait { result = runCatching(what) }
    return checkNotNull(result).getOrThrow()
}

/** Wait until [condition] holds on the UI thread; [what] says what for, and [seen] what there was instead. */
internal suspend fun eventually(what: String, seen: () -> Any? = { "" }, condition: () -> Boolean) =
    until(what, { onUi(seen) }) { onUi(condition) }

/** A real window on the screen, with [content] in it. */
internal class Stage(val content: JComponent, size: Dimension) : AutoCloseable {
    private val frame: JFrame = onUi {
        JFrame().apply {
            contentPane.add(content)
            setSize(size)
            isVisible = true
        }
    }

    /** What is in the window follows the look and feel, as it does where the user changes it. */
    fun wear(theme: Theme) = onUi {
        dress(theme)
        SwingUtilities.updateComponentTreeUI(frame)
        frame.validate()
    }

    fun resize(size: Dimension) = onUi {
        frame.size = size
        frame.validate()
    }

    /** What is to be seen, with [scale] pixels to each. */
    fun picture(scale: Double = 1.0): BufferedImage = onUi {
        frame.validate()
        picture(content, scale)
    }

    override fun close() = onUi { frame.dispose() }
}

internal fun picture(component: Component, scale: Double): BufferedImage {
    val image = BufferedImage(
        ceil(component.width * scale).toInt(),
        ceil(component.height * scale).toInt(),
        BufferedImage.TYPE_INT_RGB,
    )
    val g = image.createGraphics()
    g.scale(scale, scale)
    val painting = RepaintManager.currentManager(component)
    val wasBuffered = painting.isDoubleBufferingEnabled
    painting.isDoubleBufferingEnabled = false
    component.paint(g)
    painting.isDoubleBufferingEnabled = wasBuffered
    g.dispose()
    return image
}

/** Where pictures go: a folder of the build. */
internal val pictures: File = File(System.getProperty("tunesmith.output") ?: "target", "pictures")

internal fun save(image: BufferedImage, name: String) {
    pictures.mkdirs()
    ImageIO.write(image, "png", File(pictures, "$name.png"))
}
