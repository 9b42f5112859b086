package dev.tunesmith.check

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.w3c.dom.Element
import java.io.ByteArrayInputStream
import java.util.Properties
import javax.xml.parsers.DocumentBuilderFactory

/** What plugin.xml names exists: JetBrains' tools report none of this. */
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
        val attributes = Regex("implementation|class|instance|.*Class|.*Implementation")
        val named = elements.flatMap { it.attributes(attributes) }
        val missing = named.filterNot { it.replace('.', '/') + ".class" in PluginZip.jar }
        assertEquals(emptyList<String>(), missing)
    }

    @Test
    fun `every extension point is one that the platform declares`() {
        val known = javaClass.getResource("/extension-points.txt")!!.readText().lines().filterNot { it.startsWith("#") }
        val names = known.mapNotNull { it.split(Regex("\\s+")).first().ifEmpty { null } }.toSet()
        assertTrue(extensions.isNotEmpty())
        assertEquals(emptySet<String>(), extensions.map { it.first }.toSet() - names)
        assertEquals(emptySet<String>(), names - extensions.map { it.first }.toSet(), "no longer used")
    }

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
