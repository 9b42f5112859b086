package dev.tunesmith.core.client

import com.google.gson.JsonObject
import com.google.gson.JsonParseException
import dev.tunesmith.core.protocol.PROTOCOL_VERSION
import dev.tunesmith.core.protocol.ServerInfo
import kotlin.time.Duration

/** The handshake was understood, and it says that the two do not fit. */
internal class HandshakeFailed(val reason: LostReason) : Exception("$reason")

/** LSP's `initialize` with our options, and the check that both sides speak the same version. */
internal class Handshake(private val command: ServerCommand) {
    /** @throws HandshakeFailed where the server refuses, or speaks another version. */
    suspend fun with(connection: Connection, limit: Duration): ServerInfo {
        val answer = try {
            connection.request("initialize", params(), JsonObject::class.java, limit)
        } catch (refused: RequestRefused) {
            throw HandshakeFailed(LostReason.Refused(refused.message.orEmpty(), refused.data?.code.orEmpty()))
        } catch (malformed: AnswerMalformed) {
            throw HandshakeFailed(LostReason.Refused(malformed.message.orEmpty()))
        }
        val about = answer.path("capabilities", "experimental", "tunesmith")
            ?: throw HandshakeFailed(LostReason.Refused("the server is not Tunesmith's"))
        val server = try {
            Codec.gson.fromJson(about, ServerInfo::class.java)
        } catch (malformed: JsonParseException) {
            throw HandshakeFailed(LostReason.Refused(malformed.message.orEmpty()))
        }
        if (server.protocolVersion != PROTOCOL_VERSION.toLong()) {
            val ours = PROTOCOL_VERSION.toLong()
            throw HandshakeFailed(LostReason.VersionMismatch(ours, server.protocolVersion, server.version))
        }
        connection.tell("initialized", emptyMap<String, Any>())
        return server
    }

    private fun params(): Map<String, Any> {
        val folder = command.folder
        val uri = folder.toUri().toString()
        return mapOf(
            "processId" to ProcessHandle.current().pid(),
            "clientInfo" to mapOf("name" to "Tunesmith for PyCharm"),
            "locale" to command.locale.toLanguageTag(),
            "rootUri" to uri,
            "workspaceFolders" to listOf(mapOf("uri" to uri, "name" to folder.fileName?.toString().orEmpty())),
            "capabilities" to emptyMap<String, Any>(),
            "initializationOptions" to command.options.copy(protocolVersion = PROTOCOL_VERSION.toLong()),
        )
    }

    private fun JsonObject.path(vararg names: String): JsonObject? =
        names.fold(this as JsonObject?) { at, name -> at?.get(name) as? JsonObject }
}
