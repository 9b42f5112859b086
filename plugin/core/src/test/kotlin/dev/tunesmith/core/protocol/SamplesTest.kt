package dev.tunesmith.core.protocol

import com.google.gson.GsonBuilder
import com.google.gson.ToNumberPolicy
import dev.tunesmith.core.support.root
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import kotlin.io.path.reader

/** The runtime's tests judge the same samples with the server's own reader. */
class SamplesTest {
    private class Sample(val message: String = "", val valid: Boolean = false, val why: String = "") {
        val value: Any? = null
    }

    private val samples: List<Sample> = root.resolve("tests/server/samples/protocol.json").reader().use { file ->
        val gson = GsonBuilder().setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE).create()
        gson.fromJson(file, Array<Sample>::class.java).toList()
    }

    @Test
    fun `valid and invalid samples are judged as the server judges them`() {
        val wrong = samples.filter { Shapes.faults(it.message, it.value).isEmpty() != it.valid }
        assertEquals(emptyList<String>(), wrong.map { "${it.message}: ${it.why}: ${it.value}" })
    }

    @Test
    fun `there is a sample of every message`() {
        assertEquals(Shapes.names.toSet(), samples.map { it.message }.toSet())
    }
}
