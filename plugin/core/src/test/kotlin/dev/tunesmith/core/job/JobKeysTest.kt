package dev.tunesmith.core.job

import com.google.gson.GsonBuilder
import com.google.gson.JsonParser
import dev.tunesmith.core.client.Limits
import dev.tunesmith.core.protocol.JobSchemaParams
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.support.real
import dev.tunesmith.core.support.withClient
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path

class JobKeysTest {
    private val keys = JobKeys.bundled

    private val made = JobKeys.read(
        """
        {"type": "object", "additionalProperties": false,
         "properties": {
           "seed": {"type": "integer", "default": 0, "description": "Where chance begins."},
           "method": {"anyOf": [
             {"enum": ["full", "lora"]},
             {"type": "object", "additionalProperties": false, "properties": {
               "lora": {"type": ["object", "null"], "additionalProperties": false,
                        "properties": {"rank": {"type": "integer", "default": 8.0}, "fast": {"type": "boolean"}}}}}]},
           "model": {"anyOf": [{"type": "string"}, {"type": "object", "patternProperties": {":": {}}}]},
           "data": {"type": "object", "properties": {"train": {"type": "string"}}}},
         "allOf": [{"if": {}, "then": {"properties": {"data": {"properties": {"label": {"const": "auto"}}}}}}]}
        """.trimIndent().reader(),
    )

    @Test
    fun `a schema becomes keys with their help, their values and their default`() {
        val paths = listOf(
            "seed",
            "method",
            "method.lora",
            "method.lora.rank",
            "method.lora.fast",
            "model",
            "data",
            "data.train",
            "data.label",
        )
        assertEquals(paths, made.all.map { it.path })
        assertEquals("Where chance begins.", made.find("seed")?.help)
        assertEquals("0", made.find("seed")?.default)
        assertEquals("8", made.find("method.lora.rank")?.default)
        assertEquals(listOf("full", "lora"), made.find("method")?.values)
        assertEquals(listOf("true", "false"), made.find("method.lora.fast")?.values)
        assertEquals(listOf("auto"), made.find("data.label")?.values)
        assertNull(made.find("method.lora.rank.more"))
    }

    @Test
    fun `a key is unknown only where the schema leaves no room for it`() {
        val known = listOf("seed", "method.lora.rank", "model.my.models:build.width", "data.my_column")
        assertEquals(emptyList<String>(), known.filterNot(made::isKnown))
        assertEquals(emptyList<String>(), listOf("sed", "method.lora.rang", "seed.more", "").filter(made::isKnown))
    }

    @Test
    fun `a misspelt key is told from a strange one`() {
        assertEquals("training.learning_rate", keys.nearest("training.learnig_rate"))
        assertEquals("training.epochs", keys.nearest("epochs"))
        assertNull(keys.nearest("what_is_this_supposed_to_be"))
    }

    @Test
    fun `the real job has its sections, its members and their options`() {
        val wanted = listOf("training.epochs", "training.optimizer.adamw.beta1", "method.lora.rank", "data.label")
        assertEquals(emptyList<String>(), wanted.filter { keys.find(it) == null })
        assertTrue("lora" in checkNotNull(keys.find("method")).values)
        assertEquals("3", keys.find("training.epochs")?.default)
        assertFalse(keys.isKnown("training.epoch"))
        assertTrue(keys.isKnown("data.whatever"))
    }

    @Test
    @Timeout(300)
    fun `the schema in the plugin is the one of the runtime that it carries`(@TempDir folder: Path) {
        withClient(real(folder), Limits()) { client ->
            val theirs = client.request(Methods.jobSchema, JobSchemaParams()).schema
            val ours = checkNotNull(JobKeys::class.java.getResource("/schema/job.schema.json")).readText()
            val gson = GsonBuilder().serializeNulls().create()
            assertEquals(gson.toJsonTree(theirs), JsonParser.parseString(ours))
        }
    }
}
