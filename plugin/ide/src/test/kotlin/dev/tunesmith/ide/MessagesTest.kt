package dev.tunesmith.ide

import dev.tunesmith.core.launch.StartFrom
import dev.tunesmith.core.protocol.RunStatus
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.nio.file.Path
import java.text.MessageFormat
import java.util.Properties
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.extension
import kotlin.io.path.readText
import kotlin.io.path.walk

class MessagesTest {
    private val english = bundle("")
    private val chinese = bundle("_zh_CN")

    private val plugin = Path.of(checkNotNull(System.getProperty("tunesmith.root")), "plugin")
    private val sources = sources("ide/src/main/kotlin")

    @OptIn(ExperimentalPathApi::class)
    private fun sources(folder: String) =
        plugin.resolve(folder).walk().filter { it.extension == "kt" }.associateWith { it.readText() }

    private fun bundle(language: String): Map<String, String> {
        val file = checkNotNull(javaClass.getResource("/messages/TunesmithIde$language.properties"))
        val properties = Properties().apply { file.openStream().reader().use { load(it) } }
        return properties.entries.associate { (key, value) -> "$key" to "$value" }
    }

    private fun arguments(text: String) = Regex("""\{\d[^}]*}""").findAll(text).map { it.value }.sorted().toList()

    @Test
    fun `both languages have the same keys and arguments, and each is a good pattern`() {
        assertEquals(english.keys.toSortedSet(), chinese.keys.toSortedSet())
        english.forEach { (key, text) -> assertEquals(arguments(text), arguments(chinese.getValue(key)), key) }
        (english.values + chinese.values).forEach { MessageFormat(it) }
        assertEquals(
            emptySet<String>(),
            english.filter { (key, text) ->
                text.isBlank() || chinese[key].isNullOrBlank()
            }.keys,
        )
    }

    @Test
    fun `every key that the code asks for exists`() {
        val literal = sources.values.flatMap {
            Regex("""text\("([a-zA-Z.\-]+)"""").findAll(it).map { found -> found.groupValues[1] }
        }
        val ended = listOf(RunStatus.FINISHED, RunStatus.FAILED, RunStatus.LOST).map { "run.$it" }
        val starts = StartFrom.entries.map { "form.from.$it" }
        assertTrue(literal.size > 10)
        assertEquals(emptyList<String>(), (literal + ended + starts).filterNot { it in english })
    }

    @Test
    fun `no word is there in vain`() {
        val forms = sources("core/src/main/kotlin/dev/tunesmith/core/launch").values
        val named = (sources.values + forms).flatMap { code -> Regex(""""([^"\n]+)"""").findAll(code).toList() }
            .map { it.groupValues[1] }.toSet()
        val beginnings = named.filter { '$' in it }.map { it.substringBefore('$') }.filter { '.' in it }
        val descriptor = plugin.resolve("ide/src/main/resources/META-INF/plugin.xml").readText()
        val ids = Regex("""\bid="([^"]+)"""").findAll(descriptor).map { it.groupValues[1] }.toList()
        val declared = ids.flatMap { id -> listOf("text", "description").map { ".$id.$it" } } + ids.map { ".$it" }
        val vain = english.keys.filterNot { key ->
            key in named || key.removeSuffix(".help") in named || beginnings.any { key.startsWith(it) } ||
                declared.any { key.endsWith(it) } || "\"$key\"" in descriptor
        }
        assertEquals(emptyList<String>(), vain)
    }

    @Test
    fun `no words for the user stand in the code`() {
        val found =
            sources.flatMap { (file, text) ->
                val code = text.replace(Regex("""/\*.*?\*/|//[^\n]*""", RegexOption.DOT_MATCHES_ALL), "")
                Regex(""""[^"\n]*[A-Za-z]{2,} +[a-z]{2,}[^"\n]*"""").findAll(code).map {
                    "${file.fileName}: ${it.value}"
                }
            }
        assertEquals(emptyList<String>(), found)
    }
}
