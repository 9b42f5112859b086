package dev.tunesmith.check

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.w3c.dom.Element
import java.io.ByteArrayInputStream
import java.util.Properties
import java.util.zip.ZipFile
import javax.xml.parsers.DocumentBuilderFactory

/** What plugin.xml and its optional parts name exists: JetBrains' tools report none of this. */
class DescriptorTest {
    private val descriptors =
        PluginZip.jar.filterKeys { Regex("META-INF/[^/]+\\.xml").matches(it) }.mapValues { (_, bytes) ->
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(ByteArrayInputStream(bytes)).documentElement
        }
    private val elements = descriptors.values.flatMap { it.elements() }
    private val extensions =
        elements.filter { it.tagName == "extensions" }.flatMap { group ->
            group.elements().filter { it.parentNode == group }.map {
                "${group.getAttribute("defaultExtensionNs")}.${it.tagName}" to
                    it
            }
        }

    @Test
    fun `every class is in the jar`() {
        val attributes = Regex("implementation|class|instance|.*Class|.*Implementation|.*Interface")
        val named = elements.flatMap { it.attributes(attributes) }
        val missing = named.filterNot { it.replace('.', '/') + ".class" in PluginZip.jar }
        assertEquals(emptyList<String>(), missing)
    }

    @Test
    fun `every topic that is listened to is a class of the platform`() {
        val platform = ZipFile(Project.tools.resolve("platform-api.jar").toFile()).use { jar ->
            jar.entries().toList().map { it.name }.toSet()
        }
        val topics = elements.flatMap { it.attributes(Regex("topic")) }
        assertEquals(emptyList<String>(), topics.filterNot { it.replace('.', '/') + ".class" in platform })
    }

    @Test
    fun `every optional part is in the jar, and nothing else is named`() {
        val named = elements.filter { it.tagName == "depends" }.map { it.getAttribute("config-file") }
            .filter { it.isNotEmpty() }.map { "META-INF/$it" }
        assertEquals(descriptors.keys - "META-INF/plugin.xml", named.toSet())
    }

    @Test
    fun `every extension point is one that the platform declares`() {
        val names = listed("/extension-points.txt")
        assertTrue(extensions.isNotEmpty())
        assertEquals(emptySet<String>(), extensions.map { it.first }.toSet() - names)
        assertEquals(emptySet<String>(), names - extensions.map { it.first }.toSet(), "no longer used")
    }

    @Test
    fun `every group that actions are added to is ours or the platform's`() {
        val ours = elements.filter { it.tagName == "group" }.map { it.getAttribute("id") }.toSet()
        val known = listed("/action-groups.txt")
        val named = elements.flatMap { it.attributes(Regex("group-id")) }.toSet()
        assertEquals(emptySet<String>(), named - ours - known)
        assertEquals(emptySet<String>(), known - named, "no longer used")
    }

    private fun listed(file: String): Set<String> = javaClass.getResource(file)!!.readText().lines()
        .filter { it.isNotBlank() && !it.startsWith("#") }.toSet()

    @Test
    fun `every id is used once`() {
        val actions = elements.filter { it.tagName in setOf("action", "group") }.map { it.getAttribute("id") }
        assertEquals(actions.toSet().toList(), actions)
        assertTrue(actions.all { it.startsWith("Tunesmith.") }, "$actions")
        val ids = extensions.map { (point, element) ->
            point to element.getAttribute("id")
        }.filter { it.second.isNotEmpty() }
        assertEquals(ids.toSet().toList(), ids)
    }

    @Test
    fun `every icon is in the jar, for light and dark`() {
        val icons = elements.flatMap { it.attributes(Regex("icon")) }.filter { it.startsWith("/") }
        val dark = icons.map { it.replace(".svg", "_dark.svg") }
        assertEquals(emptyList<String>(), (icons + dark).filterNot { it.removePrefix("/") in PluginZip.jar })
    }

    @Test
    fun `every icon of the new UI takes the place of one that is there, in all sizes it is wanted in`() {
        val files = elements.flatMap { it.attributes(Regex("mappingFile")) }
        val mapped = files.flatMap { Regex(""""([^"/]+\.svg)":\s*"([^"]+)"""").findAll(PluginZip.text(it)) }
            .associate { "icons/expui/${it.groupValues[1]}" to it.groupValues[2] }
        assertEquals(setOf("icons/toolWindow.svg", "icons/gutter.svg"), mapped.values.toSet())
        val larger = mapped.keys.filter { "toolWindow" in it }.map { it.replace(".svg", "@20x20.svg") }
        val light = mapped.keys + mapped.values + larger
        val dark = light.map { it.replace(".svg", "_dark.svg") }
        assertEquals(emptyList<String>(), (light + dark).filterNot { it in PluginZip.jar })
        val sizes = (light + dark).associateWith { Regex("""width="(\d+)" height="(\d+)"""").find(PluginZip.text(it)) }
        val wrong = sizes.filterNot { (name, size) ->
            size?.groupValues?.drop(1)?.toSet() == setOf(wanted(name))
        }
        assertEquals(emptyMap<String, Any>(), wrong)
    }

    private fun wanted(icon: String): String = when {
        "@20x20" in icon -> "20"
        "toolWindow" in icon -> if ("expui" in icon) "16" else "13"
        else -> if ("expui" in icon) "14" else "12"
    }

    @Test
    fun `every word is in the bundle`() {
        val bundle = descriptors.getValue("META-INF/plugin.xml").elements().single { it.tagName == "resource-bundle" }
        val file = bundle.textContent.trim().replace('.', '/') + ".properties"
        val keys = Properties().apply { load(PluginZip.text(file).reader()) }.stringPropertyNames()
        val wanted =
            elements.flatMap { it.attributes(Regex("key|groupKey|nameKey|.*\\.key")) } +
                elements.filter { it.tagName in setOf("action", "group") && it.getAttribute("id") != "" }.flatMap {
                    listOf(
                        "${it.tagName}.${it.getAttribute("id")}.text",
                        "${it.tagName}.${it.getAttribute("id")}.description",
                    )
                } + elements.filter { it.tagName == "toolWindow" }.map { "toolwindow.stripe.${it.getAttribute("id")}" }
        assertEquals(emptyList<String>(), wanted.filterNot { it in keys })
    }

    private fun Element.elements(): List<Element> =
        getElementsByTagName("*").let { found -> List(found.length) { found.item(it) as Element } }

    private fun Element.attributes(name: Regex): List<String> =
        List(attributes.length) { attributes.item(it) }.filter { name.matches(it.nodeName) }.map { it.nodeValue }
}
