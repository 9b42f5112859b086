package dev.tunesmith.ide.service

import com.intellij.openapi.application.ApplicationManager
import com.intellij.openapi.components.Service
import dev.tunesmith.core.job.JobKeys
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch

/** The keys of a job for forms, which must not wait for files. */
@Service(Service.Level.APP)
internal class KnownKeys(scope: CoroutineScope) {
    /** Null until they are read. */
    @Volatile
    var keys: JobKeys? = null
        private set

    init {
        scope.launch(Dispatchers.IO) { keys = JobKeys.bundled }
    }

    companion object {
        /** Null until they are read. */
        fun now(): JobKeys? = ApplicationManager.getApplication().getService(KnownKeys::class.java).keys
    }
}
