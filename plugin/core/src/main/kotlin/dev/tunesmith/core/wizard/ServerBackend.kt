package dev.tunesmith.core.wizard

import dev.tunesmith.core.client.RequestFailure
import dev.tunesmith.core.client.RequestRefused
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.protocol.Catalog
import dev.tunesmith.core.protocol.CatalogParams
import dev.tunesmith.core.protocol.Estimate
import dev.tunesmith.core.protocol.EstimateParams
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.NewProjectParams
import dev.tunesmith.core.protocol.NewProjectResult
import dev.tunesmith.core.protocol.Preview
import dev.tunesmith.core.protocol.PreviewParams
import dev.tunesmith.core.protocol.RequestMethod

/** Asks the real server. */
public class ServerBackend(private val client: TunesmithClient) : WizardBackend {
    override suspend fun catalog(): Catalog = ask(Methods.catalog, CatalogParams())

    override suspend fun preview(params: PreviewParams): Preview = ask(Methods.preview, params)

    override suspend fun estimate(params: EstimateParams): Estimate = ask(Methods.estimate, params)

    override suspend fun newProject(params: NewProjectParams): NewProjectResult = ask(Methods.newProject, params)

    private suspend fun <P : Any, R : Any> ask(method: RequestMethod<P, R>, params: P): R = try {
        client.request(method, params)
    } catch (failure: RequestFailure) {
        val data = (failure as? RequestRefused)?.data
        throw WizardRefusal(data?.message ?: failure.message.orEmpty(), data?.hint.orEmpty(), failure)
    }
}
