package dev.tunesmith.core.launch

import com.google.gson.JsonParser
import dev.tunesmith.core.support.python
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

internal class JobCommandTest {
    /** The commands as the server writes them above a job that has had these runs. */
    private fun commands(runs: String): List<JobCommand?> {
        val program = "import json; from tunesmith.protocol.runs import RunSummary as R; " +
            "from tunesmith.server.editor.lenses import commands; " +
            "print(json.dumps(commands('file:///p/digits.job.yaml', $runs)))"
        val process = ProcessBuilder(python.toString(), "-c", program).redirectError(ProcessBuilder.Redirect.INHERIT)
        val printed = process.start().inputReader().readText()
        return JsonParser.parseString(printed).asJsonArray.map { it.asJsonObject }.map {
            JobCommand.of(it["command"].asString, it["arguments"].asJsonArray.toList())
        }
    }

    @Test
    fun `running a job and showing its runs are done here, the estimate is left to the server`() {
        assertEquals(listOf(JobCommand.Run, null), commands("[]"))
        val runs = "[R(id='20261125-b', path='', status='running'), R(id='20261124-a', path='', status='finished')]"
        assertEquals(listOf(JobCommand.Run, null, JobCommand.ShowRuns("20261125-b")), commands(runs))
    }

    @Test
    fun `a command of a newer server is left to it, and one without its arguments does no harm`() {
        assertEquals(null, JobCommand.of("tunesmith.something", listOf("file:///p/digits.job.yaml")))
        assertEquals(JobCommand.ShowRuns(null), JobCommand.of("tunesmith.showRuns", emptyList()))
    }
}
