package dev.tunesmith.core.client

import dev.tunesmith.core.Words
import dev.tunesmith.core.failure
import dev.tunesmith.core.protocol.ErrorData
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.Locale
import kotlin.time.Duration.Companion.seconds

internal class PhraseTest {
    private val languages = listOf(Words(Locale.ENGLISH), Words(Locale.SIMPLIFIED_CHINESE))

    private val reasons = listOf(
        LostReason.Untrusted,
        LostReason.NoInterpreter,
        LostReason.RemoteInterpreter,
        LostReason.NotStarted("no such file"),
        LostReason.Exited(137),
        LostReason.Hung(30.seconds),
        LostReason.Nonsense("hello"),
        LostReason.Deaf,
        LostReason.Closed,
        LostReason.Refused("not here"),
        LostReason.VersionMismatch(1, 2, "0.9"),
    )

    @Test
    fun `each reason to have no server has its own words, with its figures in them`() {
        for (words in languages) {
            val said = reasons.map { words(phrase(it, emptyList())) }
            assertEquals(reasons.size, said.toSet().size, "$said")
            assertTrue(said.none { "{" in it }, "$said")
            assertTrue(said.any { "137" in it } && said.any { "30" in it } && said.any { "0.9" in it }, "$said")
        }
    }

    @Test
    fun `a runtime that is not installed is said to be so`() {
        val log = listOf("/usr/bin/python3: No module named tunesmith")
        assertEquals(Phrase("lost.no-runtime"), phrase(LostReason.Exited(1), log))
    }

    @Test
    fun `a request that failed is told in the user's language, a refusal in the server's words with what helps`() {
        val failures = listOf(
            RequestTimedOut("tunesmith/run", 20.seconds),
            ServerBusy("tunesmith/run"),
            AnswerMalformed("tunesmith/run", "not an object"),
            ServerLost(LostReason.Exited(137)),
        )
        for (words in languages) {
            val said = failures.map { words.failure(it) }
            assertEquals(failures.size, said.toSet().size)
            assertFalse(said.any { "tunesmith/run" in it }, "$said")
        }
        val data = ErrorData("run.not-found", "There is no run x.", hint = "list them")
        assertEquals("There is no run x.\nlist them", languages[0].failure(RequestRefused(-32000, "no", data)))
    }
}
