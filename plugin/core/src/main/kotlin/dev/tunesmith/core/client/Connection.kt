package dev.tunesmith.core.client

import com.google.gson.JsonParseException
import dev.tunesmith.core.protocol.ErrorData
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.channels.trySendBlocking
import kotlinx.coroutines.withTimeoutOrNull
import org.eclipse.lsp4j.jsonrpc.MessageIssueException
import org.eclipse.lsp4j.jsonrpc.messages.Message
import org.eclipse.lsp4j.jsonrpc.messages.NotificationMessage
import org.eclipse.lsp4j.jsonrpc.messages.RequestMessage
import org.eclipse.lsp4j.jsonrpc.messages.ResponseError
import org.eclipse.lsp4j.jsonrpc.messages.ResponseErrorCode
import org.eclipse.lsp4j.jsonrpc.messages.ResponseMessage
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.atomic.AtomicLong
import kotlin.concurrent.thread
import kotlin.time.Duration

/**
 * Requests and notifications over one pair of streams, until one of them ends.
 *
 * Nobody who asks is ever blocked by a server that does not read: what is to be written waits in a bounded queue, and a
 * request that finds no place in it, or no answer in time, fails. What the server sends is read as fast as [incoming]
 * is emptied; a slow reader slows the server down, and nothing is lost.
 *
 * Reading and writing have threads of their own: no scope could end while a stream that a forgotten child of the server
 * holds open keeps one of them in a system call.
 */
internal class Connection(private val output: OutputStream, input: InputStream, private val noise: (String) -> Unit) {
    private class Pending(val method: String, val result: Class<*>, val progress: (Progress) -> Unit) {
        val answer = CompletableDeferred<Any?>()
    }

    private val pending = ConcurrentHashMap<String, Pending>()
    private val ids = AtomicLong()
    private val codec = Codec.handler { pending[it]?.result }
    private val outgoing = LinkedBlockingQueue<String>(OUTGOING)
    private val received = Channel<NotificationMessage>(INCOMING)
    private val frames = FrameReader(input, noise = noise)
    private val over = CompletableDeferred<Throwable?>()
    private val reader = thread(start = false, isDaemon = true, name = "tunesmith reader") { readAll() }
    private val writer = thread(start = false, isDaemon = true, name = "tunesmith writer") { writeAll() }

    @Volatile
    private var gone: LostReason? = null

    /** The server's notifications, in the order in which it sent them; closed at the end. */
    val incoming: ReceiveChannel<NotificationMessage> get() = received

    /** Read and write from now on, until the end of the streams. */
    fun open() {
        reader.start()
        writer.start()
    }

    /** Wait until nothing more can be read; what broke it, null where the stream just ended. */
    suspend fun ended(): Throwable? = over.await()

    /** Nothing more will come: whoever waits is told [why], and so is whoever asks from now on. */
    fun abandon(why: LostReason) {
        gone = why
        received.cancel()
        writer.interrupt()
        pending.values.forEach { it.fail(ServerLost(why)) }
    }

    /** Ask for [method]'s result within [limit]. */
    suspend fun <R : Any> request(
        method: String,
        params: Any,
        result: Class<R>,
        limit: Duration,
        progress: ((Progress) -> Unit)? = null,
    ): R = result.cast(answer(method, params, Pending(method, result, progress ?: {}), limit, progress != null))
        ?: throw AnswerMalformed(method, "the answer is empty")

    /** Ask for something whose answer says nothing. */
    suspend fun ask(method: String, params: Any, limit: Duration) {
        answer(method, params, Pending(method, Any::class.java) {}, limit, reports = false)
    }

    fun tell(method: String, params: Any) {
        outgoing.offer(codec.serialize(notification(method, params)))
    }

    private suspend fun answer(method: String, params: Any, mine: Pending, limit: Duration, reports: Boolean): Any? {
        val id = ids.incrementAndGet().toString()
        val message = RequestMessage().apply {
            jsonrpc = VERSION
            this.id = id
            this.method = method
            this.params = if (reports) Codec.withToken(params, id) else params
        }
        pending[id] = mine
        try {
            gone?.let { throw ServerLost(it) }
            if (!outgoing.offer(codec.serialize(message))) throw ServerBusy(method)
            val answer = withTimeoutOrNull(limit) { Result.success(mine.answer.await()) }
            return (answer ?: throw RequestTimedOut(method, limit)).getOrThrow()
        } finally {
            pending.remove(id)
            if (!mine.answer.isCompleted) tell("$/cancelRequest", mapOf("id" to id))
        }
    }

    private fun readAll() {
        val broken = runCatching {
            while (true) {
                val text = frames.next() ?: break
                val message = parse(text) ?: continue
                frames.understood()
                when (message) {
                    is ResponseMessage -> settle(message)
                    is RequestMessage -> refuse(message)
                    is NotificationMessage -> if (message.method == PROGRESS) report(message) else deliver(message)
                }
            }
        }.exceptionOrNull()
        received.close()
        over.complete(broken)
    }

    private fun writeAll() {
        try {
            while (true) write(outgoing.take())
        } catch (_: InterruptedException) {
            output.close()
        } catch (_: IOException) {
            return // the server is gone; the reader notices
        }
    }

    private fun parse(text: String): Message? = try {
        codec.parseMessage(text)
    } catch (broken: MessageIssueException) {
        val answer = broken.rpcMessage as? ResponseMessage
        val asked = answer?.id?.let { pending[it] }
        val why = broken.issues.joinToString { it.text }
        if (asked == null) frames.ignore(text.take(SAMPLE)) else asked.fail(AnswerMalformed(asked.method, why))
        null
    } catch (_: JsonParseException) {
        frames.ignore(text.take(SAMPLE))
        null
    }

    private fun settle(response: ResponseMessage) {
        val asked = pending[response.id] ?: return
        val error = response.error
        if (error == null) asked.answer.complete(response.result) else asked.fail(refused(error))
    }

    private fun refused(error: ResponseError): RequestRefused {
        val data = runCatching { Codec.gson.fromJson(Codec.gson.toJsonTree(error.data), ErrorData::class.java) }
        return RequestRefused(error.code, error.message.orEmpty(), data.getOrNull())
    }

    /** We told the server that we offer nothing; whoever asks all the same must not wait for ever. */
    private fun refuse(request: RequestMessage) {
        val response = ResponseMessage().apply {
            jsonrpc = VERSION
            rawId = request.rawId
            error = ResponseError(ResponseErrorCode.MethodNotFound, request.method, null)
        }
        outgoing.offer(codec.serialize(response))
    }

    private fun report(message: NotificationMessage) {
        val progress = Progress.of(message.params) ?: return
        pending[progress.token]?.progress?.invoke(progress)
    }

    private fun deliver(message: NotificationMessage) {
        received.trySendBlocking(message)
    }

    private fun write(text: String) {
        val bytes = text.toByteArray()
        output.write("Content-Length: ${bytes.size}\r\n\r\n".toByteArray())
        output.write(bytes)
        output.flush()
    }

    private fun Pending.fail(why: RequestFailure) {
        answer.completeExceptionally(why)
    }

    private fun notification(method: String, params: Any) = NotificationMessage().apply {
        jsonrpc = VERSION
        this.method = method
        this.params = params
    }

    private companion object {
        const val VERSION = "2.0"
        const val PROGRESS = "$/progress"
        const val OUTGOING = 1_024
        const val INCOMING = 4_096
        const val SAMPLE = 200
    }
}
