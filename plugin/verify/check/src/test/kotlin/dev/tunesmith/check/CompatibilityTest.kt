package dev.tunesmith.check

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.fail
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.nio.file.Path
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.outputStream
import kotlin.io.path.writeText

/** JetBrains' verifier against an IDE folder made from our signatures: as true as these are. */
class CompatibilityTest {
    @TempDir
    lateinit var work: Path

    @Test
    fun `JetBrains' verifier says Compatible`() {
        val reports = verify()
        val verdict = reports.getValue("verification-verdict.txt")
        // Gson, packed, calls constructors of Java's own that newer Javas call deprecated; we call none.
        val deprecated = reports["deprecated-usages.txt"].orEmpty().lines().filter { it.isNotBlank() }
        assertEquals(emptyList<String>(), deprecated.filterNot { "dev.tunesmith.shaded.gson" in it })
        val of = if (deprecated.isEmpty()) "" else ". ${deprecated.size} usages of deprecated API"
        assertEquals("Compatible$of", verdict) { reports.toString() }
    }

    /** The reports by file name. The exit status is 0 whatever was found; only the reports tell. */
    private fun verify(): Map<String, String> {
        val folder = work.resolve("reports").toString()
        val log = work.resolve("verifier.log").toFile()
        val command = listOf("check-plugin", Project.zip.toString(), ide().toString(), "-offline")
        val output = listOf("-verification-reports-dir", folder, "-verification-reports-formats", "plain")
        val status = ProcessBuilder(Project.java("verifier.jar") + command + output)
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start()
            .waitFor()
        assertEquals(0, status, log::readText)
        val reports = File(folder).walk().filter { it.isFile && "plugins" in it.path }
        return reports.associate { it.name to it.readText().trim() }.ifEmpty { fail(log.readText()) }
    }

    private fun ide(): Path {
        val ide = work.resolve("ide")
        val lib = ide.resolve("lib").createDirectories()
        ide.resolve("build.txt").writeText("PY-$BUILD")
        listOf("platform-api.jar", "kotlin-stdlib.jar", "kotlinx-coroutines.jar").forEach {
            Project.tools.resolve(it).copyTo(lib.resolve(it))
        }
        describe(lib.resolve("app.jar"), "com.intellij", modules = listOf("platform", "lang", "lsp"))
        listOf("com.intellij.modules.json", "org.jetbrains.plugins.yaml").forEach {
            val plugin = ide.resolve("plugins/$it/lib").createDirectories().resolve("plugin.jar")
            describe(plugin, it, modules = emptyList(), needs = "platform")
        }
        val python = ide.resolve("plugins/python-ce/lib").createDirectories().resolve("python-ce.jar")
        describe(python, "PythonCore", modules = listOf("python"), needs = "platform")
        return ide
    }

    private fun describe(jar: Path, id: String, modules: List<String>, needs: String? = null) {
        val depends = needs?.let { "<depends>com.intellij.modules.$it</depends>" }.orEmpty()
        val descriptor =
            """
            <idea-plugin><id>$id</id><name>$id</name><version>$BUILD</version><vendor>JetBrains</vendor>
            <idea-version since-build="$BUILD" until-build="$BUILD"/>$depends
            ${modules.joinToString("") { "<module value=\"com.intellij.modules.$it\"/>" }}</idea-plugin>
            """
        ZipOutputStream(jar.outputStream()).use { zip ->
            zip.putNextEntry(ZipEntry("META-INF/plugin.xml"))
            zip.write(descriptor.trimIndent().toByteArray())
        }
    }

    private companion object {
        val BUILD = "${Project.versions["sinceBuild"]}.31033.139"
    }
}
