package dev.tunesmith.ide

import com.intellij.DynamicBundle
import dev.tunesmith.core.Words
import dev.tunesmith.core.client.Phrase
import org.jetbrains.annotations.PropertyKey
import java.util.Locale

private const val BUNDLE = "messages.TunesmithIde"

/** The words that the user sees, in the language of the IDE. */
internal object Messages {
    private val bundle = DynamicBundle(Messages::class.java, BUNDLE)

    /** The words of `core`, in the same language: the bundle itself says which one that is. */
    val words: Words by lazy { Words(Locale.forLanguageTag(text("language"))) }

    fun text(@PropertyKey(resourceBundle = BUNDLE) key: String, vararg arguments: Any): String =
        bundle.getMessage(key, *arguments)

    fun text(phrase: Phrase): String = words(phrase)
}
