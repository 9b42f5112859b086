package dev.tunesmith.core.client

import java.io.File
import java.nio.file.Path

/**
 * The command lines of Python processes that find nothing in their working folder: it may be a project's, and a file of
 * its that is named like a module of Python would take that module's place. Every such command line is made here.
 *
 * `-P` would do, but Python 3.10 does not know it; and `-I` would hide packages that the user installed for themselves.
 */
internal object PythonCommand {
    /** What `-c` puts first on the import path stands for the working folder. Nothing is imported before it is gone. */
    private const val CLEAN = "import sys; sys.path[:] = [path for path in sys.path if path]"
    private const val MODULE =
        "$CLEAN; del sys.argv[0]; import runpy; runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"

    /** [python] runs [module], as by `-m`. */
    fun module(python: Path, module: String, vararg arguments: String): List<String> =
        listOf(python.toString(), "-c", MODULE, module, *arguments)

    /** [command] as a user would type it. */
    fun typed(command: List<String>): String =
        (if (MODULE in command) command.filterNot { it == "-c" }.map { if (it == MODULE) "-m" else it } else command)
            .joinToString(" ")

    /** [python], the first words of a command, runs the text of a program. */
    fun code(python: List<String>, code: String): List<String> = python + listOf("-c", "$CLEAN\n$code")

    /** What the environment must have so that PYTHONPATH, as the IDE was given it, leads to no working folder. */
    fun environment(given: Map<String, String> = System.getenv()): Map<String, String> {
        val folders = given[PYTHONPATH]?.split(File.pathSeparatorChar) ?: return emptyMap()
        val kept = folders.filter { folder -> runCatching { Path.of(folder).isAbsolute }.getOrDefault(false) }
        if (kept == folders) return emptyMap()
        return mapOf(PYTHONPATH to kept.joinToString(File.pathSeparator))
    }

    private const val PYTHONPATH = "PYTHONPATH"
}
