package dev.tunesmith.core.support

import dev.tunesmith.core.environment.Interpreters
import dev.tunesmith.core.environment.Wheel
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.createTempFile
import kotlin.io.path.deleteExisting
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** The runtime's wheel, built once from this checkout as the plugin's build does it. */
internal val wheel: Wheel by lazy {
    val sources = listOf("pyproject.toml", "README.md", "LICENSE", "tools/wheel.py", "runtime/tunesmith")
    val folder = madeOnce("wheel", sources.map(root::resolve)) { making ->
        output(python.toString(), root.resolve("tools/wheel.py").toString(), making.toString())
    }
    checkNotNull(Wheel.find(folder))
}

/**
 * A virtual environment in [folder] without the runtime and without pip of its own, but with everything else that the
 * tests' interpreter has; its Python.
 */
internal fun bareEnvironment(folder: Path): Path {
    output(python.toString(), "-m", "venv", "--without-pip", folder.toString())
    val made = Interpreters.of(folder)
    val packages = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    val theirs = output(python.toString(), "-c", packages).trim()
    // Folders that such a file names are searched, but such files in them are not read: that leaves out this checkout.
    Path.of(output(made.toString(), "-c", packages).trim()).resolve("borrowed.pth").writeText(theirs + "\n")
    return made
}

/** What [command] prints, in the end with status 0. */
internal fun output(vararg command: String): String {
    val builder = ProcessBuilder(*command).redirectErrorStream(true)
    builder.environment().remove("PYTHONPATH")
    val file = createTempFile()
    try {
        val process = builder.redirectOutput(file.toFile()).start()
        val hasEnded = process.waitFor(patience.inWholeSeconds, TimeUnit.SECONDS)
        if (!hasEnded) process.destroyForcibly()
        val text = file.readText()
        assertTrue(hasEnded) { "not within $patience: ${command.toList()} has not ended: $text" }
        assertEquals(0, process.exitValue(), text)
        return text
    } finally {
        file.deleteExisting()
    }
}
