package dev.tunesmith.core.window

import dev.tunesmith.core.client.Questions
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.curves.CurvesModel
import dev.tunesmith.core.details.DetailsModel
import dev.tunesmith.core.details.DevicesModel
import dev.tunesmith.core.details.FoundRows
import dev.tunesmith.core.details.MarksModel
import dev.tunesmith.core.details.RowsQuestion
import dev.tunesmith.core.protocol.CompareParams
import dev.tunesmith.core.protocol.Comparison
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.PredictParams
import dev.tunesmith.core.protocol.PredictResult
import dev.tunesmith.core.protocol.ReplayParams
import dev.tunesmith.core.protocol.SamplesParams
import kotlinx.coroutines.CoroutineScope

/** What the tool window shows besides the list of runs, each in a flow of its own. */
internal class WindowModels(private val client: TunesmithClient) {
    val curves = CurvesModel(client)
    val marks = MarksModel(client)
    val details = DetailsModel(client)
    val devices = DevicesModel(client)
    val rows = Questions(::rowsFor)
    val comparison = Questions<List<String>, Comparison> { client.request(Methods.compare, CompareParams(it)) }
    val answers = Questions<PredictParams, PredictResult> { client.request(Methods.predict, it) }

    /** Keep them up to date until [scope] ends. */
    fun start(scope: CoroutineScope) {
        curves.start(scope)
        marks.start(scope)
        details.start(scope)
        devices.start(scope)
        rows.start(scope)
        comparison.start(scope)
        answers.start(scope)
    }

    /** Draw the curves of [run], an id, with what happened to it, from now on. */
    suspend fun follow(run: String) {
        curves.follow(run)
        marks.follow(run)
    }

    /** Draw the curves of [run] no more. */
    suspend fun leave(run: String) {
        curves.leave(run)
        marks.leave(run)
    }

    private suspend fun rowsFor(question: RowsQuestion): FoundRows = when (question) {
        is RowsQuestion.Cell -> with(question) {
            FoundRows.HeldOut(client.request(Methods.samples, SamplesParams(run, expected, predicted)))
        }

        is RowsQuestion.Step -> with(question) {
            FoundRows.OfStep(client.request(Methods.replay, ReplayParams(run, step)))
        }
    }
}
