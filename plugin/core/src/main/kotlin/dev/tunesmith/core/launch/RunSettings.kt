package dev.tunesmith.core.launch

import dev.tunesmith.core.job.JobKeys
import dev.tunesmith.core.protocol.From
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.protocol.StartParams

/**
 * What a run configuration says, as the user typed it.
 *
 * @property job Path of the job file.
 * @property name Of the run; empty: the job's.
 * @property overrides One `KEY=VALUE` a line.
 * @property device Empty: what the job says.
 * @property from Where it begins.
 * @property run With [StartFrom.RUN]: which run.
 * @property step With [StartFrom.RUN]: which checkpoint of it; empty: the newest good one.
 * @property environment More variables for the worker, one `NAME=VALUE` a line.
 * @property breakOn Where the debugger stops by itself, one condition a line: `non-finite`, `spike`, `spike=N`,
 *   `step=N`, `row=FILE:LINE`. Without a debugger it means nothing.
 */
public data class RunSettings(
    val job: String = "",
    val name: String = "",
    val overrides: String = "",
    val device: String = "",
    val from: StartFrom = StartFrom.SCRATCH,
    val run: String = "",
    val step: String = "",
    val environment: String = "",
    val breakOn: String = "",
) {
    private val changes = entries(overrides)
    private val variables = entries(environment)

    /** The conditions of [breakOn]. */
    internal val breaks: List<String> get() = entries(breakOn)

    /** Everything that is wrong, in the order of the form; looks at no file. [known]: the keys that a job may have. */
    public fun faults(known: JobKeys? = null): List<RunSettingsFault> = buildList {
        if (job.isBlank()) {
            add(RunSettingsFault.NoJob)
        } else if (!isJobFile(job)) {
            add(RunSettingsFault.NotAJob(job))
        }
        changes.filterNot { OVERRIDE.matches(it) }.forEach { add(RunSettingsFault.NotAnOverride(it)) }
        val keys = changes.map { it.substringBefore('=').trim() }
        if (known != null) addAll(unknown(known))
        keys.groupingBy { it }.eachCount().filterValues { it > 1 }.keys.forEach { add(RunSettingsFault.GivenTwice(it)) }
        if (device.isNotBlank() && DEVICE in keys) add(RunSettingsFault.GivenTwice(DEVICE))
        if (from == StartFrom.RUN && run.isBlank()) add(RunSettingsFault.NoRun)
        if (from == StartFrom.RUN && step.isNotBlank() && step.trim().toLongOrNull().let { it == null || it < 0 }) {
            add(RunSettingsFault.NotAStep(step))
        }
        variables.filterNot { VARIABLE.matches(it) }.forEach { add(RunSettingsFault.NotAVariable(it)) }
        breaks.filterNot { BREAK.matches(it) }.forEach { add(RunSettingsFault.NotABreak(it)) }
    }

    private fun unknown(known: JobKeys) = changes.filter { OVERRIDE.matches(it) }
        .map { it.substringBefore('=').trim() }
        .distinct()
        .filterNot(known::isKnown)
        .map { RunSettingsFault.UnknownKey(it, known.nearest(it)) }

    /** What to ask the server for. [newest] is the id of this job's newest run that has a checkpoint, if any. */
    public fun params(newest: String? = null): StartParams = StartParams(
        job = job,
        overrides = changes + if (device.isBlank()) emptyList() else listOf("$DEVICE=${device.trim()}"),
        name = name.trim().ifEmpty { null },
        startFrom = when (from) {
            StartFrom.SCRATCH -> null
            StartFrom.NEWEST -> newest?.let { From(it) }
            StartFrom.RUN -> From(run.trim(), step.trim().toLongOrNull())
        },
        environment = variables.associate { it.substringBefore('=').trim() to it.substringAfter('=') },
    )

    public companion object {
        private const val DEVICE = "device"
        private val SUFFIXES = listOf(".job.yaml", ".job.yml")
        private val OVERRIDE = Regex("""[A-Za-z_][A-Za-z0-9_.\-]*\s*=.*""")
        private val VARIABLE = Regex("""[^=\s][^=]*=.*""")
        private const val POSITIVE = """(?=[0-9.]*[1-9])(\d+\.?\d*|\.\d+)"""
        private const val COUNTED = """0*[1-9]\d*"""
        private val BREAK = Regex("non-finite|spike(=$POSITIVE)?|step=$COUNTED|row=.+:$COUNTED")

        /** A run of the job of [run] that begins from its checkpoint at [step]; null: from its newest good one. */
        public fun startingFrom(run: RunSummary, step: Long?, project: String?): RunSettings = RunSettings(
            job = storedPath(run.job, project),
            name = run.name,
            from = StartFrom.RUN,
            run = run.id,
            step = step?.toString().orEmpty(),
        )

        private fun entries(text: String) = text.lines().map { it.trim() }.filter { it.isNotEmpty() }

        /** Whether a file of this name is a job. */
        public fun isJobFile(name: String): Boolean = suggestedName(name) != null

        /** What a run configuration for the job file [path] is called. */
        public fun suggestedName(path: String): String? {
            val file = fileName(path)
            return SUFFIXES.firstOrNull { file.endsWith(it) && file != it }?.let { file.removeSuffix(it) }
        }

        /** [path] as a run configuration keeps it: from the project's folder where it lies in it, to be shared. */
        public fun storedPath(path: String, project: String?): String =
            if (project != null && path.startsWith("$project/")) path.removePrefix("$project/") else path

        private fun fileName(path: String) = path.substringAfterLast('/').substringAfterLast('\\')
    }
}

/** Where a run begins. */
public enum class StartFrom { SCRATCH, NEWEST, RUN }

/** Something in [RunSettings] that keeps them from being run; views find the words. */
public sealed interface RunSettingsFault {
    public data object NoJob : RunSettingsFault

    public data class NotAJob(val job: String) : RunSettingsFault

    public data class NotAnOverride(val line: String) : RunSettingsFault

    /** @property nearest What was probably meant, if anything is near. */
    public data class UnknownKey(val key: String, val nearest: String?) : RunSettingsFault

    public data class GivenTwice(val key: String) : RunSettingsFault

    public data object NoRun : RunSettingsFault

    public data class NotAStep(val step: String) : RunSettingsFault

    public data class NotAVariable(val line: String) : RunSettingsFault

    public data class NotABreak(val line: String) : RunSettingsFault
}
