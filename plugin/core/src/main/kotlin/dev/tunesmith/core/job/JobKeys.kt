package dev.tunesmith.core.job

import com.google.gson.JsonElement
import com.google.gson.JsonParser
import java.io.Reader

/** The keys of a job file: what may stand in it, and so what a run may change about it. */
public class JobKeys internal constructor(private val job: JobKey) {
    /** Every key that the schema names, in the order of the job; a key stands before those below it. */
    public val all: List<JobKey> = below(job)

    /** Whether a job may have the key [path], as far as the schema can tell. */
    public fun isKnown(path: String): Boolean {
        var key = job
        for (part in path.split('.')) {
            key = key.children[part] ?: return key.isOpen
        }
        return true
    }

    /** The key at [path]; null where the schema names none. */
    public fun find(path: String): JobKey? = path.split('.').fold<String, JobKey?>(job) { key, part ->
        key?.children?.get(part)
    }

    /** The key that was probably meant by [path]; null where none is near. */
    public fun nearest(path: String): String? {
        val last = path.substringAfterLast('.')
        val near = all.map { it.path to minOf(distance(it.path, path), distance(it.name, last) + 1) }
        return near.minByOrNull { it.second }?.takeIf { it.second <= maxOf(2, last.length / 3) }?.first
    }

    private fun below(key: JobKey): List<JobKey> = key.children.values.flatMap { listOf(it) + below(it) }

    public companion object {
        private const val RESOURCE = "/schema/job.schema.json"

        /** Those of the runtime that this plugin carries. */
        public val bundled: JobKeys by lazy {
            checkNotNull(JobKeys::class.java.getResourceAsStream(RESOURCE)).reader().use(::read)
        }

        /** Those that a JSON Schema of the job file tells. */
        public fun read(schema: Reader): JobKeys = of(JsonParser.parseReader(schema))

        internal fun of(schema: JsonElement): JobKeys = JobKeys(keyOf("", schema.asJsonObject))
    }
}

/** How many letters must be put in, left out or changed to make [one] the other. */
private fun distance(one: String, other: String): Int {
    var row = IntArray(other.length + 1) { it }
    for (i in one.indices) {
        val next = IntArray(other.length + 1)
        next[0] = i + 1
        for (j in other.indices) {
            val changed = row[j] + if (one[i] == other[j]) 0 else 1
            next[j + 1] = minOf(changed, row[j + 1] + 1, next[j] + 1)
        }
        row = next
    }
    return row.last()
}
