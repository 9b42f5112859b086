package dev.tunesmith.core.environment

import com.google.gson.Gson
import com.google.gson.JsonParseException
import dev.tunesmith.core.client.PythonCommand
import kotlinx.coroutines.CancellationException
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.isExecutable
import kotlin.io.path.isRegularFile

/**
 * A Python on this machine.
 *
 * @property version Such as 3.11.7.
 * @property runtime The version of the runtime that is installed in it; null where there is none.
 * @property isVirtual Whether it is a virtual environment, which may be changed without harm to anything else.
 * @property hasPip Whether it can install packages by itself.
 */
public data class Interpreter(
    val path: Path,
    val version: String,
    val runtime: String? = null,
    val isVirtual: Boolean = false,
    val hasPip: Boolean = true,
)

/**
 * Finds interpreters, and asks them what they are.
 *
 * @param folder A folder to ask in that holds no Python of anybody's.
 */
public class Interpreters(private val runner: ProcessRunner, private val folder: Path) {
    private class Told(
        val executable: String?,
        val version: String?,
        val runtime: String?,
        val virtual: Boolean,
        val pip: Boolean,
    )

    /** What the Python that [command] starts says of itself; null where it is none. */
    public suspend fun ask(command: List<String>): Interpreter? {
        val lines = ArrayList<String>()
        val status = try {
            runner.run(PythonCommand.code(command, QUESTION), folder) { lines += it }
        } catch (cancelled: CancellationException) {
            throw cancelled
        } catch (_: IOException) {
            return null
        }
        return if (status == 0) lines.lastOrNull()?.let(::read) else null
    }

    public suspend fun ask(python: Path): Interpreter? = ask(listOf(python.toString()))

    /** Every Python that [path], the environment's PATH, leads to, without the same one twice; newest names first. */
    public suspend fun find(path: String): List<Interpreter> {
        val found = LinkedHashMap<Path, Interpreter>()
        for (command in commands(path)) ask(command)?.let { found.putIfAbsent(it.path, it) }
        return found.values.toList()
    }

    private fun commands(path: String): List<List<String>> {
        val programs = NAMES.mapNotNull { onPath(it, path) }
            .distinctBy { runCatching { it.toRealPath() }.getOrDefault(it) }
        // The launcher of Windows knows interpreters that are not on the path.
        val launcher = if (isWindows) onPath("py", path) else null
        return programs.map { listOf(it.toString()) } + listOfNotNull(launcher?.let { listOf(it.toString(), "-3") })
    }

    private fun read(line: String): Interpreter? = try {
        GSON.fromJson(line, Told::class.java)?.let { told ->
            if (told.executable.isNullOrEmpty() || told.version == null) return null
            Interpreter(Path.of(told.executable), told.version, told.runtime, told.virtual, told.pip)
        }
    } catch (_: JsonParseException) {
        null
    }

    public companion object {
        private val GSON = Gson()
        private val NAMES = listOf("python3", "python3.13", "python3.12", "python3.11", "python3.10", "python")

        /** Old Pythons understand it too, so that they can be told apart from programs that are none. */
        private val QUESTION =
            """
            import json, sys
            try:
                from importlib.metadata import version
                from importlib.util import find_spec
                spec = find_spec("tunesmith")
                runtime = version("tunesmith") if spec and spec.origin else None
            except Exception:
                runtime = None
            try:
                import pip
                pip = True
            except Exception:
                pip = False
            print(json.dumps({"executable": sys.executable, "version": sys.version.split()[0], "runtime": runtime,
                "virtual": sys.prefix != getattr(sys, "base_prefix", sys.prefix), "pip": pip}))
            """.trimIndent()

        /** The program [name] on [path], the environment's PATH. */
        public fun onPath(name: String, path: String): Path? = path.split(java.io.File.pathSeparator)
            .filter { it.isNotEmpty() }
            .mapNotNull { runCatching { Path.of(it).resolve(if (isWindows) "$name.exe" else name) }.getOrNull() }
            .firstOrNull { it.isRegularFile() && it.isExecutable() }

        /** The interpreter of the virtual environment in [folder]. */
        public fun of(folder: Path): Path =
            if (isWindows) folder.resolve("Scripts").resolve("python.exe") else folder.resolve("bin").resolve("python")

        internal val isWindows: Boolean = System.getProperty("os.name").startsWith("Windows")
    }
}
