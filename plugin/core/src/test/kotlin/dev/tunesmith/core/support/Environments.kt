package dev.tunesmith.core.support

import dev.tunesmith.core.environment.Interpreters
import dev.tunesmith.core.environment.Wheel
import org.junit.jupiter.api.Assertions.assertEquals
import java.nio.file.Path
import kotlin.io.path.writeText

/** The runtime's wheel, built once from this checkout as the plugin's build does it. */
internal val wheel: Wheel by lazy {
    val folder = Path.of(checkNotNull(System.getProperty("tunesmith.output"))).resolve("test-wheel").toAbsolutePath()
    output(python.toString(), root.resolve("tools/wheel.py").toString(), folder.toString())
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
    val process = builder.start()
    val text = process.inputStream.bufferedReader().readText()
    assertEquals(0, process.waitFor(), text)
    return text
}
