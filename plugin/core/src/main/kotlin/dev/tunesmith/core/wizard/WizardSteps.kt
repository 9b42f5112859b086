package dev.tunesmith.core.wizard

import dev.tunesmith.core.protocol.Catalog
import dev.tunesmith.core.protocol.Estimate
import dev.tunesmith.core.protocol.EstimateParams
import dev.tunesmith.core.protocol.NewProjectResult
import dev.tunesmith.core.protocol.Preview

/** What comes of an event: the next state, and what to ask the server for. */
public data class Transition(val state: WizardState, val requests: List<WizardRequest> = emptyList())

/** The wizard as a machine: no clock, no files, no threads. */
public fun WizardState.after(event: WizardEvent): Transition = when (event) {
    is WizardEvent.Answered -> answered(event)
    is WizardEvent.Refused -> refused(event)
    WizardEvent.Cancel -> Transition(if (project is Loaded.Ready) this else copy(isCancelled = true))
    else -> if (isCancelled || project is Loaded.Loading || project is Loaded.Ready) Transition(this) else chosen(event)
}

private fun WizardState.chosen(event: WizardEvent): Transition = when (event) {
    WizardEvent.Opened -> asking(copy(catalog = Loaded.Loading), WizardRequest.LoadCatalog)

    is WizardEvent.ChooseData -> copy(
        data = event.path?.trim(),
        columns = emptyMap(),
        split = null,
        splitColumns = emptyMap(),
        task = null,
        estimates = emptyMap(),
    ).looking()

    is WizardEvent.ChooseColumns -> copy(
        columns = columns + (event.role to event.names),
        estimates = emptyMap(),
    ).looking()

    is WizardEvent.GiveRole -> withRole(event.column, event.role)

    is WizardEvent.ChooseSplit -> Transition(copy(split = event.split, splitColumns = emptyMap()))

    is WizardEvent.ChooseSplitColumn -> Transition(copy(splitColumns = splitColumns + (event.option to event.column)))

    is WizardEvent.ChooseTask -> withTask(event.task)

    is WizardEvent.ChooseModel -> copy(model = event.model?.trim()).estimating()

    is WizardEvent.ChooseMethod -> copy(method = event.method).estimating()

    is WizardEvent.ChoosePlace -> Transition(copy(folder = event.folder.trim(), name = event.name.trim()))

    is WizardEvent.ChooseEnvironment -> Transition(copy(environment = event.environment))

    WizardEvent.Next -> if (canGoOn) copy(step = Step.entries[step.ordinal + 1]).estimating() else Transition(this)

    WizardEvent.Back -> Transition(if (step == Step.DATA) this else copy(step = Step.entries[step.ordinal - 1]))

    WizardEvent.Retry -> retried()

    WizardEvent.Finish -> if (canFinish) {
        asking(
            copy(project = Loaded.Loading),
            WizardRequest.Make(projectParams),
        )
    } else {
        Transition(this)
    }

    WizardEvent.Cancel, is WizardEvent.Answered, is WizardEvent.Refused -> Transition(this)
}

private fun asking(state: WizardState, request: WizardRequest): Transition = Transition(state, listOf(request))

/** Every role as it is now is the user's choice then, so that no guess brings back what was taken away. */
private fun WizardState.withRole(column: String, role: String?): Transition {
    val many = taskInfo?.columns?.firstOrNull { it.role == role }?.many ?: false
    val freed = roles.mapValues { (_, names) -> names - column }
    val others = if (many) freed[role].orEmpty() else emptyList()
    val given = if (role == null) freed else freed + (role to others + column)
    return copy(task = chosenTask, columns = given, estimates = emptyMap()).looking()
}

/** Another task reads other columns: those that the user chose for roles it does not have are let go. */
private fun WizardState.withTask(task: String): Transition {
    if (task == this.task) return Transition(this)
    val roles = tasks.firstOrNull { it.name == task }?.columns?.map { it.role }.orEmpty()
    val next =
        copy(
            task = task,
            columns = columns.filterKeys {
                it in roles
            },
            model = null,
            method = null,
            estimates = emptyMap(),
        )
    return next.looking()
}

/** Looks into the data anew, if there are any of the user's own. */
private fun WizardState.looking(): Transition {
    val params = previewParams?.takeIf { it.path.isNotBlank() } ?: return Transition(copy(preview = Loaded.Missing))
    return asking(copy(preview = Loaded.Loading), WizardRequest.LoadPreview(params))
}

private fun WizardState.retried(): Transition = when {
    catalog is Loaded.Failed -> asking(copy(catalog = Loaded.Loading), WizardRequest.LoadCatalog)
    preview is Loaded.Failed -> looking()
    else -> copy(estimates = estimates.filterValues { it !is Loaded.Failed }).estimating()
}

/** On the pages of model and method: what a run of each choice would need, as far as that was not asked yet. */
private fun WizardState.estimating(): Transition {
    val texts = when (step) {
        Step.MODEL -> modelChoices().map { jobText(it, method) }
        Step.METHOD -> methodChoices().map { jobText(chosenModel, it) }
        Step.DATA, Step.TASK, Step.PLACE -> emptyList()
    }
    val missing = texts.filterNotNull().distinct().filter { estimates[it] == null }
    val requests = missing.map {
        WizardRequest.LoadEstimate(it, EstimateParams(job = jobPath(), text = it, measure = false))
    }
    return Transition(copy(estimates = estimates + missing.associateWith { Loaded.Loading }), requests)
}

/** Models beside each other: a small pretrained one, one without any knowledge, and what the user typed. */
public fun WizardState.modelChoices(): List<String?> {
    val sources = taskInfo?.models.orEmpty()
    val named =
        listOf(copy(model = null).chosenModel, SCRATCH.takeIf { it in sources }, model?.takeIf { it.isNotBlank() })
    return named.filterNotNull().distinct().ifEmpty { listOf(null) }
}

public fun WizardState.methodChoices(): List<String?> = listOf<String?>(null) + methods.map { it.name }

/** What a run with [model] and [method] would need. */
public fun WizardState.estimateOf(model: String?, method: String?): Loaded<Estimate> =
    jobText(model, method)?.let { estimates[it] } ?: Loaded.Missing

/** Beside the data, so that their path means the same; there is no such file. */
private fun WizardState.jobPath(): String {
    val path = data.orEmpty()
    val end = maxOf(path.lastIndexOf('/'), path.lastIndexOf('\\'))
    return path.take(end + 1) + "estimate.job.yaml"
}

/** An answer counts only if what it answers is still what is wanted. */
private fun WizardState.answered(event: WizardEvent.Answered): Transition {
    val answer = event.answer
    return when (val request = event.request) {
        WizardRequest.LoadCatalog -> (answer as? Catalog)?.let { copy(catalog = Loaded.Ready(it)).estimating() }

        is WizardRequest.LoadPreview -> (answer as? Preview)?.takeIf {
            request.params == previewParams
        }?.let { copy(preview = Loaded.Ready(it)).estimating() }

        is WizardRequest.LoadEstimate -> (answer as? Estimate)?.takeIf { request.key in estimates }?.let {
            Transition(
                copy(
                    estimates =
                    estimates + (request.key to Loaded.Ready(it)),
                ),
            )
        }

        is WizardRequest.Make -> (answer as? NewProjectResult)?.let { Transition(copy(project = Loaded.Ready(it))) }
    } ?: Transition(this)
}

private fun WizardState.refused(event: WizardEvent.Refused): Transition {
    val failed = Loaded.Failed(event.message, event.hint)
    return when (val request = event.request) {
        WizardRequest.LoadCatalog -> Transition(copy(catalog = failed))

        is WizardRequest.LoadPreview -> Transition(
            if (request.params ==
                previewParams
            ) {
                copy(preview = failed)
            } else {
                this
            },
        )

        is WizardRequest.LoadEstimate -> Transition(
            if (request.key in
                estimates
            ) {
                copy(estimates = estimates + (request.key to failed))
            } else {
                this
            },
        )

        is WizardRequest.Make -> Transition(copy(project = failed))
    }
}
