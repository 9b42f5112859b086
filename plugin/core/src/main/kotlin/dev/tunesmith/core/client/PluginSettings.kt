package dev.tunesmith.core.client

/**
 * What the user chose for a project.
 *
 * @property interpreter Path of the Python that the runtime is installed in; empty: the project's.
 * @property parallel So many runs train at a time, at most 64; 0: as it is kept with the project.
 * @property updatesPerSecond Live updates of each run, at most this many.
 * @property folder Where runs live, a folder for `runs`, the queue and the trash; empty: `.tunesmith` in the project.
 */
public data class PluginSettings(
    val interpreter: String = "",
    val parallel: Int = 0,
    val updatesPerSecond: Int = 10,
    val folder: String = "",
) {
    /** What the server's environment has beyond ours. */
    public val environment: Map<String, String>
        get() = if (folder.isBlank()) emptyMap() else mapOf("TUNESMITH_FOLDER" to folder.trim())
}
