package dev.tunesmith.core

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.util.Properties

/** What the sources of the views themselves must keep to. */
internal class SourceTest {
    private val views: List<File> = sources("chart", "panels", "setup", "window", "wizard")

    /** Where keys of the bundle stand. */
    private val speaking: List<File> = views + sources("client", "details", "runs") + sources("").filter { it.isFile }

    private fun sources(vararg packages: String): List<File> = packages.flatMap { name ->
        val folder = generateSequence(File("").absoluteFile) { it.parentFile }
            .map { File(it, "plugin/core/src/main/kotlin/dev/tunesmith/core/$name") }.first { it.isDirectory }
        folder.walk().maxDepth(if (name.isEmpty()) 1 else Int.MAX_VALUE).filter { it.extension == "kt" }.toList()
    }

    private val literal = Regex(""""((?:[^"\\\n]|\\.)*)"""")
    private val comment = Regex("""/\*.*?\*/|//[^\n]*""", RegexOption.DOT_MATCHES_ALL)

    private fun literals(file: File): List<String> = literal.findAll(comment.replace(file.readText(), "")).map {
        it.groupValues[1]
    }.toList()

    @Test
    fun `no two packages import each other, however far around`() {
        val imported = Regex("""^import dev\.tunesmith\.core\.([a-z]\w*)\.""", RegexOption.MULTILINE)
        val packages = File(sources("").first { it.isFile }.parent)
        val files = packages.walk().filter { it.extension == "kt" }.groupBy { it.parentFile.name }
        val uses = files.mapValues { (name, sources) ->
            sources.flatMap { file -> imported.findAll(file.readText()).map { it.groupValues[1] } }.toSet() - name
        }
        val open = uses.toMutableMap()
        while (true) {
            val leaf = open.keys.firstOrNull { name -> open.getValue(name).none { it in open } } ?: break
            open -= leaf
        }
        assertEquals(emptySet<String>(), open.keys)
    }

    @Test
    fun `no word that a user sees stands in the code`() {
        val words = Regex("""[A-Za-z]{2,} [A-Za-z]{2,}|^[A-Z][a-z]{2,}[.!?…]?$""")
        val allowed =
            Regex("""(ctrl|shift|typed|alt|meta) [\w +-]+|<.*|.*=\\".*|M{2}.*|.*HH:mm.*|Segoe.*|.*font-family.*""")
        val found = views.flatMap { file ->
            file.readLines().filterNot { "require(" in it || "check(" in it || "error(" in it }.flatMap { line ->
                literal.findAll(line.substringBefore("//")).map {
                    it.groupValues[1].replace(Regex("""\$\{[^}]*}|\$\w+"""), "")
                }.toList()
            }.filter { words.containsMatchIn(it) && !allowed.containsMatchIn(it) }.map { "${file.name}: $it" }
        }
        assertEquals(emptyList<String>(), found)
    }

    @Test
    fun `every key that the code names has words, and all words are named`() {
        val bundle = Properties().also {
            it.load(Words::class.java.getResourceAsStream("/messages/Tunesmith.properties")?.reader())
        }
        val keys = bundle.keys.map { "$it" }.toSet()
        val named = speaking.flatMap(::literals)
        val roots = keys.map { it.substringBefore('.') }.toSet()
        val key = Regex("""(${roots.joinToString("|")})(\.[a-z][a-z0-9-]*)+""")
        val missing = named.filter { key.matches(it) && it !in keys }
        assertEquals(emptyList<String>(), missing)
        val prefixes = named.filter { '$' in it }.map { it.substringBefore('$') }.filter { '.' in it }
        val unused = keys.filter { it !in named && prefixes.none { prefix -> it.startsWith(prefix) } }
        assertEquals(emptyList<String>(), unused)
        assertTrue(keys.size > 50)
    }

    @Test
    fun `no size in pixels stands where the IDE's zoom does not reach it`() {
        val borders = """EmptyBorder\([^)]|(?<!Scaled)Border(Layout)?\(\d*[1-9]"""
        val fixed = Regex("""$borders|[^\w.]Dimension\(\d*[1-9]|Font\.[A-Z]+, \d""")
        val found = views.flatMap { file ->
            fixed.findAll(comment.replace(file.readText(), "")).map { "${file.name}: ${it.value}" }
        }
        assertEquals(emptyList<String>(), found)
    }

    @Test
    fun `nothing here reads files, starts processes or waits`() {
        val forbidden =
            Regex(
                """ProcessBuilder|Runtime\.getRuntime|Thread\.sleep|FileInputStream|readText\(|writeText\(|java\.nio\.file\.Files|\.get\(\)|runBlocking""",
            )
        val found = views.flatMap { file ->
            forbidden.findAll(comment.replace(file.readText(), "")).map { "${file.name}: ${it.value}" }
        }
        assertEquals(emptyList<String>(), found)
    }
}
