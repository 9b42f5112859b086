package dev.tunesmith.core.client

import com.google.gson.Gson
import com.google.gson.GsonBuilder
import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.gson.ToNumberPolicy
import com.google.gson.TypeAdapter
import com.google.gson.TypeAdapterFactory
import com.google.gson.reflect.TypeToken
import com.google.gson.stream.JsonReader
import com.google.gson.stream.JsonToken
import com.google.gson.stream.JsonWriter
import dev.tunesmith.core.protocol.Methods
import org.eclipse.lsp4j.jsonrpc.json.JsonRpcMethod
import org.eclipse.lsp4j.jsonrpc.json.MessageJsonHandler
import java.lang.reflect.ParameterizedType

/** Turns messages into JSON and back, with the classes of the protocol. */
internal object Codec {
    private val notifications =
        listOf(
            Methods.runChanged,
            Methods.seriesAppended,
            Methods.logAppended,
            Methods.eventsAppended,
            Methods.queueChanged,
        )

    /** For values inside messages. */
    val gson: Gson = GsonBuilder().apply(::configure).create()

    /** [resultOf] gives the class of the answer to the request with an id; null where nobody waits for it. */
    fun handler(resultOf: (String) -> Class<*>?): MessageJsonHandler {
        val known = notifications.associate { it.name to JsonRpcMethod.notification(it.name, it.params) }
        return object : MessageJsonHandler(known, ::configure) {
            override fun getJsonRpcMethod(name: String): JsonRpcMethod? = if (name.startsWith(ANSWER)) {
                JsonRpcMethod.request(name, resultOf(name.removePrefix(ANSWER)) ?: JsonElement::class.java)
            } else {
                super.getJsonRpcMethod(name)
            }
        }.apply { setMethodProvider { id -> ANSWER + id } }
    }

    /** [params] as JSON, with the token under which the server reports progress. */
    fun withToken(params: Any, token: String): JsonObject =
        gson.toJsonTree(params).asJsonObject.apply { addProperty("workDoneToken", token) }

    private fun configure(builder: GsonBuilder) {
        builder.setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
        builder.registerTypeAdapter(Double::class.javaPrimitiveType, Numbers)
        builder.registerTypeAdapter(Double::class.javaObjectType, Numbers)
        builder.registerTypeAdapterFactory(PlainLists)
    }

    /** Lists of anything hold texts and numbers; LSP4J's own adapter would leave them as JSON. */
    private object PlainLists : TypeAdapterFactory {
        override fun <T> create(gson: Gson, type: TypeToken<T>): TypeAdapter<T>? {
            val element = (type.type as? ParameterizedType)?.actualTypeArguments?.singleOrNull()
            if (type.rawType != List::class.java || element != Any::class.java) return null
            @Suppress("UNCHECKED_CAST")
            return PlainList(gson.getAdapter(Any::class.java)) as TypeAdapter<T>
        }
    }

    private class PlainList(private val elements: TypeAdapter<Any>) : TypeAdapter<List<Any?>?>() {
        override fun read(reader: JsonReader): List<Any?>? {
            if (reader.peek() == JsonToken.NULL) return reader.nextNull().let { null }
            val found = ArrayList<Any?>()
            reader.beginArray()
            while (reader.hasNext()) found += elements.read(reader)
            reader.endArray()
            return found
        }

        override fun write(writer: JsonWriter, value: List<Any?>?) {
            if (value == null) {
                writer.nullValue()
                return
            }
            writer.beginArray()
            value.forEach { elements.write(writer, it) }
            writer.endArray()
        }
    }

    private const val ANSWER = "answer to "

    /** Numbers that JSON cannot carry travel as texts. */
    private object Numbers : TypeAdapter<Double?>() {
        override fun read(reader: JsonReader): Double? = when (reader.peek()) {
            JsonToken.NULL -> reader.nextNull().let { null }
            JsonToken.STRING -> notFinite(reader.nextString())
            else -> reader.nextDouble()
        }

        override fun write(writer: JsonWriter, value: Double?) {
            if (value == null || value.isFinite()) writer.value(value) else writer.value(value.toString())
        }

        private fun notFinite(text: String): Double = when (text) {
            "NaN" -> Double.NaN
            "Infinity" -> Double.POSITIVE_INFINITY
            "-Infinity" -> Double.NEGATIVE_INFINITY
            else -> throw NumberFormatException("not a number: $text")
        }
    }
}
