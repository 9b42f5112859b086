package dev.tunesmith.check

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.w3c.dom.Element
import org.w3c.dom.Node
import javax.xml.parsers.DocumentBuilderFactory

/** The official build (Gradle) and the one in plugin/verify (Maven) make the same plugin from the same sources. */
class BuildsTest {
    private val gradle = Project.text("build.gradle.kts")
    private val settings = Project.text("settings.gradle.kts")
    private val poms =
        listOf("", "platform-api/", "core/", "ide/", "dist/", "check/", "gradle-script/")
            .associateWith { xml("plugin/verify/${it}pom.xml") }
    private val parent = poms.getValue("")

    @Test
    fun `every version of the Maven build is the one of the list`() {
        val repeated =
            poms.values.flatMap { it.all("properties") }.flatMap { it.children() }
                .associate { it.tagName to it.textContent.trim() }
                .filterKeys { it in Project.versions }
        val onlyForGradle = setOf("group", "version", "platformVersion", "gradleVersion")
        val versions = Project.versions.filterKeys { "." !in it } - onlyForGradle
        assertEquals(versions.toSortedMap(), repeated.toSortedMap())
        val own = poms.values.flatMap {
            it.children("version") +
                it.children("parent").flatMap { p -> p.children("version") }
        }
        assertEquals(setOf(Project.versions["version"]), own.map { it.textContent }.toSet())
    }

    @Test
    fun `every version of the list is used by the official build`() {
        val used = Regex("""setting\("(\w+)"\)|val (\w+): String by settings""").findAll(gradle + settings)
        val names = used.flatMap { it.groupValues.drop(1) }.filter { it.isNotEmpty() }.toSet()
        val onlyForMaven = setOf("kotlinStdlibVersion", "coroutinesVersion", "ktlintVersion")
        val ofGradleItself = setOf("group", "version")
        assertEquals(Project.versions.keys.filter { "." !in it }.toSet() - onlyForMaven - ofGradleItself, names)
        assertTrue("gradle-${Project.versions["gradleVersion"]}-bin.zip" in Project.text(WRAPPER), "Gradle's version")
    }

    @Test
    fun `both compile the same source folders`() {
        val quoted = Regex("\"(plugin/[^\"]+/src/[^\"]+)\"").findAll(gradle).map { it.groupValues[1] }.toSet()
        val tags = listOf("sourceDirectory", "testSourceDirectory", "directory")
        val maven =
            listOf("core/", "ide/").map { poms.getValue(it) }.flatMap { pom -> tags.flatMap { pom.all(it) } }
                .map { it.textContent.removePrefix("\${root}/") }
        assertEquals(quoted.toSortedSet(), maven.toSortedSet())
    }

    @Test
    fun `both give the compiler the same options`() {
        val given = gradle.substringAfter("freeCompilerArgs.addAll(").lines().drop(1)
        val official = given.takeWhile { it.trim() != ")" }.map {
            it.trim().trim(',').trim('"').replace("\${setting(\"jvmRelease\")}", "RELEASE")
        }
        val maven = parent.all("args").single().children("arg").map {
            it.textContent.replace("\${jvm.release}", "RELEASE")
        }
        assertEquals(official, maven)
        assertTrue("explicitApi()" in gradle)
        listOf("core/", "ide/").forEach { module ->
            assertEquals(
                listOf("-Xexplicit-api=strict"),
                poms.getValue(module).all("arg").map {
                    it.textContent
                },
                module,
            )
        }
        assertEquals("\${jvmRelease}", parent.all("jvm.release").single().textContent)
        listOf("languageVersion", "apiVersion").forEach { option ->
            val set = parent.all(option).map { it.textContent }
            assertTrue("\${languageVersion}" in set, "$option in Maven: $set")
            assertTrue(
                "$option = KotlinVersion.fromVersion(setting(\"languageVersion\"))" in gradle,
                "$option in Gradle",
            )
        }
    }

    @Test
    fun `both run the tests in as many JVMs at a time, in the same environment`() {
        assertTrue("maxParallelForks = ${parent.all("forkCount").single().textContent}\n" in gradle)
        val environment = parent.all("environmentVariables").single().children()
        val official = Regex("""environment\("(\w+)", "(\w+)"\)""").findAll(gradle)
        val maven = environment.associate { it.tagName to it.textContent }
        assertEquals(official.associate { it.groupValues[1] to it.groupValues[2] }, maven)
    }

    @Test
    fun `both pack and rename the same libraries and leave out the same files`() {
        val shade = poms.getValue("ide/")
        val renamed =
            shade.all("relocation").associate {
                it.children("pattern").single().textContent to it.children("shadedPattern").single().textContent
            }
        val relocate = Regex("""relocate\("([^"]+)", "([^"]+)"\)""").findAll(gradle)
        assertEquals(relocate.associate { it.groupValues[1] to it.groupValues[2] }, renamed)
        val excluded = Regex("""exclude\(([^)]*)\)""").find(gradle)!!.groupValues[1]
        val official = Regex("\"([^\"]+)\"").findAll(excluded).map { it.groupValues[1] }.toSet()
        val maven = shade.all("exclude").map { it.textContent }.toSet()
        assertEquals(official + "META-INF/MANIFEST.MF", maven, "the manifest is made anew by Gradle itself")
        val packed = Regex("""packed\("([^":]+:[^":]+):""").findAll(gradle).map { it.groupValues[1] }.toSet()
        val included = shade.all("include").map { it.textContent }.toSet()
        assertEquals(packed + "dev.tunesmith:core" + "com.google.code.gson:gson", included, "gson comes with LSP4J")
    }

    @Test
    fun `both zips have the same layout`() {
        val assembly = xml("plugin/verify/dist/src/assembly/plugin.xml")
        val name = assembly.all("baseDirectory").single().textContent
        assertTrue("projectName = \"$name\"" in gradle)
        assertTrue("archiveFileName = \"$name-\$version.jar\"" in gradle)
        assertEquals(
            listOf("$name-\${artifact.version}.\${artifact.extension}"),
            assembly.all("outputFileNameMapping").map { it.textContent },
        )
        val files = assembly.all("fileSet").single()
        val folder = files.all("outputDirectory").single().textContent
        val wheel = files.all("include").single().textContent
        assertTrue(Regex("""include\("${Regex.escape(wheel)}"\)\s*into\("$name/$folder"\)""").containsMatchIn(gradle))
        listOf(gradle, Project.text("plugin/verify/dist/pom.xml")).forEach { assertTrue("tools/wheel.py" in it) }
    }

    private fun xml(path: String): Element = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(
        Project.root.resolve(path).toFile(),
    ).documentElement

    private fun Element.all(tag: String): List<Element> =
        getElementsByTagName(tag).let { found -> List(found.length) { found.item(it) as Element } }

    private fun Element.children(tag: String? = null): List<Element> = List(childNodes.length) { childNodes.item(it) }
        .filter {
            it.nodeType == Node.ELEMENT_NODE
        }.map { it as Element }.filter { tag == null || it.tagName == tag }

    private companion object {
        const val WRAPPER = "gradle/wrapper/gradle-wrapper.properties"
    }
}
