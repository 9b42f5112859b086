package dev.tunesmith.core.launch

/** What is asked for above a job file in an editor, where the program around it does it rather than the server. */
public sealed interface JobCommand {
    /** Run the job. */
    public data object Run : JobCommand

    /** Show the job's runs. [newest] is the id of the newest of them. */
    public data class ShowRuns(val newest: String?) : JobCommand

    public companion object {
        /**
         * The command that the server calls [name]; null for those that are left to it.
         *
         * @param arguments Values of JSON that print themselves as such, the URI of the job first.
         */
        public fun of(name: String, arguments: List<Any?>): JobCommand? = when (name) {
            "tunesmith.run" -> Run
            "tunesmith.showRuns" -> ShowRuns(arguments.getOrNull(1)?.let { FIRST.find("$it")?.groupValues?.get(1) })
            else -> null
        }

        private val FIRST = Regex("\"([^\"]+)\"")
    }
}
