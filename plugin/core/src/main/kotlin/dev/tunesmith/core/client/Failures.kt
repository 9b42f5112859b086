package dev.tunesmith.core.client

import dev.tunesmith.core.protocol.ErrorData
import java.io.IOException
import kotlin.time.Duration

/** Why a request was not answered with a result. Cancellation is not among these: it is a CancellationException. */
public sealed class RequestFailure(message: String) : IOException(message)

/**
 * The server answered with an error.
 *
 * @property number JSON-RPC's number.
 * @property data Why and what helps; null where the server said nothing more.
 */
public class RequestRefused(public val number: Int, message: String, public val data: ErrorData?) :
    RequestFailure(message)

/** No answer within [limit]; the server was told that it is no longer wanted. */
public class RequestTimedOut(public val method: String, public val limit: Duration) :
    RequestFailure("$method was not answered within $limit")

/** So much waits to be sent that the request was not even queued: the server does not read. */
public class ServerBusy(public val method: String) : RequestFailure("the server does not read; $method was not sent")

/** There is no server, or it was lost before it answered; [log] is the end of what it printed, as far as it is known. */
public class ServerLost(public val reason: LostReason, public val log: List<String> = emptyList()) :
    RequestFailure("the server was lost: $reason")

/** The answer has not the shape that the protocol gives it. */
public class AnswerMalformed(public val method: String, message: String) : RequestFailure("$method: $message")

/** The stream from the server holds no more messages that make sense. */
internal class NotTheProtocol(val sample: String) : IOException("not the protocol: $sample")
