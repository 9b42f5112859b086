package dev.tunesmith.check

import com.jetbrains.plugin.structure.base.plugin.PluginCreationFail
import com.jetbrains.plugin.structure.base.plugin.PluginCreationSuccess
import com.jetbrains.plugin.structure.intellij.plugin.IdePlugin
import com.jetbrains.plugin.structure.intellij.plugin.IdePluginManager
import java.nio.file.Files
import java.nio.file.Path
import java.util.zip.ZipEntry
import java.util.zip.ZipFile
import java.util.zip.ZipInputStream

/** The plugin as it is installed: what is in the zip, and in its one jar. */
internal object PluginZip {
    val entries: List<ZipEntry> = ZipFile(Project.zip.toFile()).use { it.entries().toList() }
    private val jarEntry = entries.single { it.name.endsWith(".jar") }

    /** The jar's files by name. */
    val jar: Map<String, ByteArray> by lazy {
        ZipFile(Project.zip.toFile()).use { zip ->
            val stream = ZipInputStream(zip.getInputStream(jarEntry))
            val files = generateSequence { stream.nextEntry }.filterNot { it.isDirectory }
            files.associate { it.name to stream.readBytes() }
        }
    }

    fun text(name: String): String = checkNotNull(jar[name]) { "$name is not in the jar" }.decodeToString()

    /** What JetBrains' own library reads; everything that it has to say, as text, beside it. */
    fun read(work: Path): Pair<IdePlugin?, List<String>> =
        when (val made = IdePluginManager.createManager(Files.createDirectories(work)).createPlugin(Project.zip)) {
            is PluginCreationSuccess -> made.plugin to (made.warnings + made.unacceptableWarnings).map { it.message }
            is PluginCreationFail -> null to made.errorsAndWarnings.map { it.message }
        }
}
