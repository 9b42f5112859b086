package dev.tunesmith.core.wizard

import dev.tunesmith.core.protocol.Catalog
import dev.tunesmith.core.protocol.Estimate
import dev.tunesmith.core.protocol.EstimateParams
import dev.tunesmith.core.protocol.NewProjectParams
import dev.tunesmith.core.protocol.NewProjectResult
import dev.tunesmith.core.protocol.Preview
import dev.tunesmith.core.protocol.PreviewParams

/** What happens to the wizard: what its user does, and what the server answers. */
public sealed interface WizardEvent {
    public data object Opened : WizardEvent

    /** The user's own data; null for those that come with the template. */
    public data class ChooseData(val path: String?) : WizardEvent

    public data class ChooseColumns(val role: String, val names: List<String>) : WizardEvent

    /** [column] plays [role] from now on, and no other; null: none. */
    public data class GiveRole(val column: String, val role: String?) : WizardEvent

    /** How rows are divided; null: as the task does. */
    public data class ChooseSplit(val split: String?) : WizardEvent

    /** The column that [option] of the split names. */
    public data class ChooseSplitColumn(val option: String, val column: String) : WizardEvent

    public data class ChooseTask(val task: String) : WizardEvent

    public data class ChooseModel(val model: String?) : WizardEvent

    public data class ChooseMethod(val method: String?) : WizardEvent

    public data class ChoosePlace(val folder: String, val name: String) : WizardEvent

    public data class ChooseEnvironment(val environment: ProjectEnvironment) : WizardEvent

    public data object Next : WizardEvent

    public data object Back : WizardEvent

    /** Ask again for what failed on this page. */
    public data object Retry : WizardEvent

    public data object Finish : WizardEvent

    public data object Cancel : WizardEvent

    /** The answer to [request]. */
    public data class Answered(val request: WizardRequest, val answer: Any) : WizardEvent

    public data class Refused(val request: WizardRequest, val message: String, val hint: String) : WizardEvent
}

/** What the wizard asks of the server. Only [Make] writes anything. */
public sealed interface WizardRequest {
    public data object LoadCatalog : WizardRequest

    public data class LoadPreview(val params: PreviewParams) : WizardRequest

    /** [key] is the job's text, under which the answer is kept. */
    public data class LoadEstimate(val key: String, val params: EstimateParams) : WizardRequest

    public data class Make(val params: NewProjectParams) : WizardRequest
}

/** What the wizard needs of the server; failures are told by [WizardRefusal]. */
public interface WizardBackend {
    public suspend fun catalog(): Catalog

    public suspend fun preview(params: PreviewParams): Preview

    public suspend fun estimate(params: EstimateParams): Estimate

    public suspend fun newProject(params: NewProjectParams): NewProjectResult
}

/** A request that came to nothing: [message] says why, [hint] what helps. */
public class WizardRefusal(message: String, public val hint: String = "", cause: Throwable? = null) :
    Exception(message, cause)
