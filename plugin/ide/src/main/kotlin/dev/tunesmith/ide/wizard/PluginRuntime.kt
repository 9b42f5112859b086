package dev.tunesmith.ide.wizard

import com.intellij.openapi.application.PathManager
import com.jetbrains.python.sdk.PythonSdkUtil
import dev.tunesmith.core.environment.Interpreters
import dev.tunesmith.core.environment.Wheel
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.IOException
import java.nio.file.Path

/** The runtime that the plugin carries, and where it is at home on this machine. */
internal object PluginRuntime {
    /** The plugin's own folder among the IDE's caches: no project lies in it. */
    val cache: Path get() = Path.of(PathManager.getSystemPath(), "tunesmith")

    /** The environment's PATH. */
    val path: String get() = System.getenv("PATH").orEmpty()

    /** The wheel beside the plugin's jar; null where the installation is damaged. */
    suspend fun wheel(): Wheel? = withContext(Dispatchers.IO) {
        val jar = PathManager.getJarPathForClass(PluginRuntime::class.java) ?: return@withContext null
        try {
            Wheel.find(Path.of(jar).resolveSibling("..").normalize().resolve("runtime"))
        } catch (_: IOException) {
            null
        }
    }

    /** Interpreters on this machine that the IDE knows. */
    fun known(): List<Path> {
        val local = PythonSdkUtil.getAllSdks().filterNot { PythonSdkUtil.isRemote(it) }
        return local.mapNotNull { it.homePath }.map { Path.of(it) }
    }

    /** The program uv; null where there is none. */
    suspend fun uv(): Path? = withContext(Dispatchers.IO) { Interpreters.onPath("uv", path) }
}
