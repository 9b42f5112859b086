package dev.tunesmith.core.swing

import dev.tunesmith.core.Words
import org.junit.jupiter.api.Assertions.assertEquals
import java.awt.image.BufferedImage
import java.util.Locale
import java.util.concurrent.ArrayBlockingQueue
import java.util.concurrent.Future
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.ThreadPoolExecutor.CallerRunsPolicy
import java.util.concurrent.TimeUnit

/** The languages that the plugin speaks, by the ends of their pictures' names. */
internal val languages: Map<String, Locale> = mapOf("en" to Locale.ENGLISH, "zh" to Locale.SIMPLIFIED_CHINESE)

/** Pictures of real windows, light and dark, at 100 % and 200 %, in the build's folder; and what is wrong in them. */
internal class Album {
    private val faults = sortedSetOf<String>()
    private val written = ArrayList<Future<*>>()

    // To pack a picture takes longer than to draw the next one; few wait, for they are large.
    private val packing = ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, ArrayBlockingQueue(2), CallerRunsPolicy())

    /**
     * Every look of what is on [stage]. [refresh] shows it anew in each theme; [seen] gets the pictures at 100 %.
     */
    fun take(
        stage: Stage,
        words: Words,
        name: String,
        refresh: () -> Unit = {},
        seen: (BufferedImage, Theme) -> Unit = { _, _ -> },
    ) {
        for (theme in Theme.entries) {
            stage.wear(theme)
            onUi(refresh)
            onUi { } // what the new look has asked for is laid out
            for (scale in listOf(1.0, 2.0)) {
                // In one go on the UI thread: a run that trains may have drawn on before the next.
                val image = onUi { stage.picture(scale).also { if (scale == 1.0) seen(it, theme) } }
                written += packing.submit { save(image, "$name-${theme.name.lowercase()}-${(scale * 100).toInt()}") }
            }
            faults += onUi { faultsOf(stage.content, words) }.map { "$name: $it" }
        }
    }

    /** The end of the album: all pictures are written, and nothing is wrong in any. */
    fun assertFlawless() {
        packing.shutdown()
        written.forEach { it.get() }
        assertEquals(emptySet<String>(), faults)
    }
}
