package dev.tunesmith.core.debug

import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.core.launch.StartFrom
import dev.tunesmith.core.support.digitsProject
import dev.tunesmith.core.support.patience
import dev.tunesmith.core.support.python
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.writeText

@Timeout(300)
class DebugProgramTest {
    @TempDir
    lateinit var temporary: Path

    private val settings = RunSettings(
        job = "a.job.yaml",
        name = "my \"run\"",
        overrides = "seed=1\nmethod={lora: {rank: 8}}",
        device = "cpu",
        environment = "A=b c\nPYTHONHASHSEED=1",
        breakOn = "non-finite\n\n spike=20 \n",
    )

    @Test
    fun `a run is the same in one process, with the places to stop at`() {
        val program = DebugProgram.run(settings, Path.of("/project"))
        val arguments = listOf(
            "run",
            "a.job.yaml",
            "--in-process",
            "--project=/project",
            "--set=seed=1",
            "--set=method={lora: {rank: 8}}",
            "--set=device=cpu",
            "--name=my \"run\"",
            "--break-on=non-finite",
            "--break-on=spike=20",
        )
        assertEquals(arguments, program.arguments)
        assertEquals("tunesmith", program.module)
        assertEquals("b c", program.environment["A"])
        assertEquals("0", program.environment["PYTHONHASHSEED"], "no two runs would be equal")
    }

    @Test
    fun `it begins where it is told to`() {
        fun from(settings: RunSettings, newest: String? = null) =
            DebugProgram.run(settings, temporary, newest).arguments.filter { it.startsWith("--from") }
        assertEquals(emptyList<String>(), from(settings, "new"))
        assertEquals(listOf("--from=new"), from(settings.copy(from = StartFrom.NEWEST), "new"))
        assertEquals(emptyList<String>(), from(settings.copy(from = StartFrom.NEWEST)))
        assertEquals(listOf("--from=abc:40"), from(settings.copy(from = StartFrom.RUN, run = "abc", step = "40")))
        assertEquals(listOf("--from=abc"), from(settings.copy(from = StartFrom.RUN, run = "abc")))
    }

    @Test
    fun `Python takes them - it stops where it is told to, and again when the step is replayed`() {
        val folder = temporary.resolve("my project").createDirectories().toRealPath()
        digitsProject(folder, epochs = 1)
        folder.resolve("hook.py").writeText(HOOK)
        val own = RunSettings(
            job = "digits.job.yaml",
            name = "it's \"one\"",
            overrides = "training.max_steps=4",
            environment = "PYTHONBREAKPOINT=hook.stopped\nPYTHONPATH=${folder}${path()}",
            breakOn = "step=3",
        )
        val program = DebugProgram.run(own, folder)
        assertEquals(0, status(program))
        val runs = folder.resolve(".tunesmith/runs").listDirectoryEntries().filter { !it.name.startsWith(".") }
        val (step, loss) = folder.resolve("stops.txt").readLines().single().split(" ")
        assertEquals("3", step)
        val replay = DebugProgram.replay(runs.single().name, 3, folder)
        assertEquals(0, status(replay.copy(environment = program.environment + replay.environment)))
        assertEquals(listOf("3 $loss", "3 $loss"), folder.resolve("stops.txt").readLines())
        assertTrue(temporary.resolve("output.txt").readText().contains("equal, bit for bit"))
        assertTrue("\"finished\"" in runs.single().resolve("state.json").readText())
    }

    private fun path() = System.getenv("PYTHONPATH")?.let { File.pathSeparator + it }.orEmpty()

    private fun status(program: DebugProgram): Int {
        val command = listOf(python.toString(), "-m", program.module) + program.arguments
        val builder = ProcessBuilder(command).directory(program.folder.toFile())
        builder.environment() += program.environment
        val nothing = temporary.resolve("nothing").apply { writeText("") }
        builder.redirectInput(nothing.toFile())
        val output = temporary.resolve("output.txt")
        val process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start()
        val hasEnded = process.waitFor(patience.inWholeSeconds, TimeUnit.SECONDS)
        if (!hasEnded) process.destroyForcibly()
        assertTrue(hasEnded && process.exitValue() == 0) { output.readText() }
        return process.exitValue()
    }

    private companion object {
        const val HOOK = """
import sys
from pathlib import Path


def stopped():
    seen = sys._getframe(1).f_locals
    with (Path(__file__).parent / "stops.txt").open("a") as file:
        print(seen["step"], seen["loss"].item().hex(), file=file)
"""
    }
}
