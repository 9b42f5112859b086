package dev.tunesmith.ide

import com.intellij.DynamicBundle
import dev.tunesmith.core.client.Phrase
import org.jetbrains.annotations.PropertyKey

private const val BUNDLE = "messages.TunesmithIde"

/** The words that the user sees, in the language of the IDE. */
internal object Messages {
    private val bundle = DynamicBundle(Messages::class.java, BUNDLE)

    fun text(@PropertyKey(resourceBundle = BUNDLE) key: String, vararg arguments: Any): String =
        bundle.getMessage(key, *arguments)

    fun text(phrase: Phrase): String = bundle.getMessage(phrase.key, *phrase.arguments.toTypedArray())
}
