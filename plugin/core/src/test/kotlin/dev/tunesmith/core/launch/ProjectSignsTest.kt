package dev.tunesmith.core.launch

import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

class ProjectSignsTest {
    @TempDir
    lateinit var project: Path

    private fun file(path: String) {
        project.resolve(path).apply { parent.createDirectories() }.writeText("task: regression\n")
    }

    @Test
    fun `runs or a job file are signs of fine-tuning`() {
        assertFalse(ProjectSigns.found(project))
        file("src/main.py")
        file("compose.yaml")
        assertFalse(ProjectSigns.found(project))
        file("jobs/prices.job.yaml")
        assertTrue(ProjectSigns.found(project))
    }

    @Test
    fun `a folder of runs is a sign`() {
        project.resolve(".tunesmith/runs").createDirectories()
        assertTrue(ProjectSigns.found(project))
    }

    @Test
    fun `environments, hidden folders, depths and crowds are not looked into`() {
        file("venv/lib/a.job.yaml")
        file(".cache/a.job.yaml")
        file("a/b/c/d/e/a.job.yaml")
        assertFalse(ProjectSigns.found(project))
        file("jobs/a.job.yaml")
        assertFalse(ProjectSigns.found(project, most = 1))
        assertTrue(ProjectSigns.found(project))
        assertFalse(ProjectSigns.found(project.resolve("not there")))
    }
}
