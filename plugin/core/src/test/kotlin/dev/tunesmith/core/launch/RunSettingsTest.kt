package dev.tunesmith.core.launch

import dev.tunesmith.core.job.JobKeys
import dev.tunesmith.core.protocol.From
import dev.tunesmith.core.protocol.RunSummary
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class RunSettingsTest {
    private val good = RunSettings(job = "a.job.yaml")

    @Test
    fun `says everything that is wrong at once`() {
        val bad = RunSettings(
            job = "a.yaml",
            overrides = "training.epochs\nseed=1\n\n seed = 2",
            device = "cpu",
            from = StartFrom.RUN,
            step = "x",
            environment = "=1",
            breakOn = "step=3\nstep=0",
        )
        val faults = listOf(
            RunSettingsFault.NotAJob("a.yaml"),
            RunSettingsFault.NotAnOverride("training.epochs"),
            RunSettingsFault.GivenTwice("seed"),
            RunSettingsFault.NoRun,
            RunSettingsFault.NotAStep("x"),
            RunSettingsFault.NotAVariable("=1"),
            RunSettingsFault.NotABreak("step=0"),
        )
        assertEquals(faults, bad.faults())
        assertEquals(listOf(RunSettingsFault.NoJob), RunSettings().faults())
        assertEquals(
            listOf(RunSettingsFault.GivenTwice("device")),
            good.copy(device = "cpu", overrides = "device=mps").faults(),
        )
        assertEquals(emptyList<RunSettingsFault>(), good.copy(overrides = "method={lora: {rank: 8}}").faults())
    }

    @Test
    fun `keys that no job has are told, with what was probably meant`() {
        val settings = good.copy(overrides = "training.epoch=3\ndata.my_column=text\nseed=1\nnothing_like_it=2")
        val faults = listOf(
            RunSettingsFault.UnknownKey("training.epoch", "training.epochs"),
            RunSettingsFault.UnknownKey("nothing_like_it", null),
        )
        assertEquals(faults, settings.faults(JobKeys.bundled))
        assertEquals(emptyList<RunSettingsFault>(), settings.faults())
    }

    @Test
    fun `begins from a run that there is`() {
        val run = RunSummary(id = "20260101-000000-a-1234", name = "first", job = "/project/a.job.yaml")
        val settings = RunSettings.startingFrom(run, 40, "/project")
        assertEquals(emptyList<RunSettingsFault>(), settings.faults(JobKeys.bundled))
        assertEquals("a.job.yaml", settings.job)
        assertEquals(From(run.id, 40), settings.params().startFrom)
        assertEquals(From(run.id), RunSettings.startingFrom(run, null, null).params().startFrom)
    }

    @Test
    fun `knows the places where a debugger can stop`() {
        val right = listOf("non-finite", "spike", "spike=20", "spike=2.5", "spike=.5", "step=7", "row=a b.csv:3")
        val wrong = listOf("nan", "spike=", "spike=0", "spike=0.0", "spike=-1", "spike=1e3x", "step", "step=0", "row=a")
        assertEquals(emptyList<RunSettingsFault>(), good.copy(breakOn = right.joinToString("\n")).faults())
        val faults = good.copy(breakOn = wrong.joinToString("\n")).faults()
        assertEquals(wrong.map { RunSettingsFault.NotABreak(it) }, faults)
        assertEquals(listOf(RunSettingsFault.NotABreak("row=:3")), good.copy(breakOn = "row=:3").faults())
    }

    @Test
    fun `becomes what the server is asked for`() {
        val settings = good.copy(
            name = " one ",
            overrides = "seed=1\n",
            device = "cpu",
            environment = "A=b=c\n",
        )
        val params = settings.params()
        assertEquals(listOf("seed=1", "device=cpu"), params.overrides)
        assertEquals("one", params.name)
        assertEquals(mapOf("A" to "b=c"), params.environment)
        assertEquals(null, params.startFrom)
    }

    @Test
    fun `begins where it is told to`() {
        val chosen = good.copy(from = StartFrom.RUN, run = "abc", step = "40")
        assertEquals(From("abc", 40), chosen.params().startFrom)
        assertEquals(From("abc"), chosen.copy(step = "").params().startFrom)
        assertEquals(From("new"), good.copy(from = StartFrom.NEWEST).params(newest = "new").startFrom)
        assertEquals(null, good.copy(from = StartFrom.NEWEST).params(newest = null).startFrom)
    }

    @Test
    fun `is kept so that it can be shared, and called like its job`() {
        assertEquals("jobs/a.job.yaml", RunSettings.storedPath("/project/jobs/a.job.yaml", "/project"))
        assertEquals("/other/a.job.yaml", RunSettings.storedPath("/other/a.job.yaml", "/project"))
        assertEquals("a", RunSettings.suggestedName("/project/jobs/a.job.yaml"))
        assertEquals("b", RunSettings.suggestedName("b.job.yml"))
        assertEquals(null, RunSettings.suggestedName("/project/jobs/.job.yaml"))
        assertEquals(null, RunSettings.suggestedName("a.yaml"))
    }
}
