package dev.tunesmith.core.swing

import dev.tunesmith.core.support.root
import java.text.MessageFormat
import java.util.Properties

/** The words that the IDE's part of the plugin has for the forms, in the language `en` or `zh`. */
internal fun ideTexts(language: String): (String) -> String {
    val suffix = if (language == "zh") "_zh_CN" else ""
    val file = root.resolve("plugin/ide/src/main/resources/messages/TunesmithIde$suffix.properties").toFile()
    val texts = Properties().apply { file.reader().use { load(it) } }
    return { MessageFormat.format(texts.getProperty(it), *emptyArray()) }
}
