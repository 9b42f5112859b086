package dev.tunesmith.check

import java.nio.file.Path
import java.util.Properties
import kotlin.io.path.readText
import kotlin.io.path.reader

/** Where things are in the checkout, and the one list of versions. */
internal object Project {
    val root: Path = Path.of(property("tunesmith.root")).toRealPath()
    val plugin: Path = root.resolve("plugin")
    val zip: Path = Path.of(property("tunesmith.zip"))
    val tools: Path = Path.of(property("tunesmith.tools"))
    val versions: Map<String, String> =
        root.resolve("gradle.properties").reader().use { Properties().apply { load(it) } }
            .entries.associate { (key, value) -> "$key" to "$value" }

    fun text(path: String): String = root.resolve(path).readText()

    /** The beginning of a command that runs one of the tools. */
    fun java(tool: String): List<String> {
        val java = ProcessHandle.current().info().command().get()
        // For seconds of work the larger compiler costs more than it brings.
        return listOf(java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", tools.resolve(tool).toString())
    }

    private fun property(name: String): String = checkNotNull(System.getProperty(name)) { "the build must set $name" }
}
