package dev.tunesmith.core.setup

import dev.tunesmith.core.Words
import dev.tunesmith.core.environment.Banner
import dev.tunesmith.core.environment.EnvironmentEnd
import dev.tunesmith.core.environment.EnvironmentFault
import dev.tunesmith.core.environment.EnvironmentState
import dev.tunesmith.core.environment.EnvironmentStep
import dev.tunesmith.core.environment.Left
import dev.tunesmith.core.environment.Mend
import dev.tunesmith.core.environment.Trouble

/** What is being done now, or how it ended. */
internal fun makingWords(state: EnvironmentState, words: Words): String = when (val end = state.end) {
    null -> state.current?.let { words(stepKey(it)) } ?: words("environment.begins")
    is EnvironmentEnd.Made -> words("environment.made", end.python)
    is EnvironmentEnd.Cancelled -> words("environment.cancelled", leftWords(end.left, words))
    is EnvironmentEnd.Failed -> words("environment.failed", faultWords(end.fault, words), leftWords(end.left, words))
}

private fun stepKey(step: EnvironmentStep): String = when (step) {
    EnvironmentStep.LOOK -> "environment.look"
    EnvironmentStep.VENV -> "environment.venv"
    EnvironmentStep.TORCH -> "environment.torch"
    EnvironmentStep.PACKAGES -> "environment.packages"
    EnvironmentStep.RUNTIME -> "environment.runtime"
    EnvironmentStep.CHECK -> "environment.check"
}

private fun faultWords(fault: EnvironmentFault, words: Words): String = when (fault) {
    is EnvironmentFault.Ended -> words("environment.fault.ended", fault.status.toString(), fault.line)
    is EnvironmentFault.NotStarted -> words("environment.fault.not-started", fault.message)
    is EnvironmentFault.WrongPython -> words("environment.fault.python", fault.message, fault.mend)
    is EnvironmentFault.FolderInUse -> words("environment.fault.folder", fault.folder)
    EnvironmentFault.NoRuntime -> words("environment.fault.no-runtime")
}

private fun leftWords(left: Left, words: Words): String = when (left) {
    Left.Nothing -> words("environment.left.nothing")
    is Left.Packages -> words("environment.left.packages", left.python)
    is Left.Folder -> words("environment.left.folder", left.folder)
}

/** What is missing, in a sentence, and what doctor or the server says of it. */
internal fun bannerWords(banner: Banner, words: Words): String {
    val said = when (banner.trouble) {
        Trouble.NO_INTERPRETER -> words("banner.no-interpreter")
        Trouble.REMOTE_INTERPRETER -> words("banner.remote-interpreter")
        Trouble.NO_RUNTIME -> words("banner.no-runtime")
        Trouble.OLD_RUNTIME -> words("banner.old-runtime")
        Trouble.NO_TORCH -> words("banner.no-torch")
        Trouble.TORCH_WITHOUT_GPU -> words("banner.torch-without-gpu")
        Trouble.DOCTOR -> words("banner.doctor")
        Trouble.UNTRUSTED -> words("banner.untrusted")
        Trouble.NOT_TAKEN -> words("banner.not-taken")
    }
    return if (banner.told.isBlank()) said else words("banner.told", said, banner.told)
}

/** What the banner's button says. */
internal fun mendWords(mend: Mend, words: Words): String = when (mend) {
    Mend.MakeEnvironment -> words("banner.mend.make")
    Mend.InstallRuntime -> words("banner.mend.install")
    is Mend.Install -> words("banner.mend.packages")
    Mend.ChooseInterpreter -> words("banner.mend.choose")
    Mend.Trust -> words("banner.mend.trust")
    is Mend.Take -> words("banner.mend.take")
}
