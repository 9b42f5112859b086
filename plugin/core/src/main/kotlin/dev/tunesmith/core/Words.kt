package dev.tunesmith.core

import dev.tunesmith.core.client.Phrase
import java.text.MessageFormat
import java.util.Locale
import java.util.ResourceBundle

/** All words that a user sees, in one language. */
public class Words(public val locale: Locale) {
    private val bundle: ResourceBundle =
        ResourceBundle.getBundle(
            BUNDLE,
            locale,
            Words::class.java.classLoader,
            ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES),
        )

    /** The text at [key] with [arguments] in its places. A missing key is a bug: MissingResourceException. */
    public operator fun invoke(key: String, vararg arguments: Any): String =
        MessageFormat(bundle.getString(key), locale).format(arguments)

    /** The text of [phrase]. */
    public operator fun invoke(phrase: Phrase): String = invoke(phrase.key, *phrase.arguments.toTypedArray())

    public companion object {
        public const val BUNDLE: String = "messages.Tunesmith"
    }
}
