package dev.tunesmith.core.window

/** The tabs of the tool window, in their order. */
public enum class WindowTab(internal val key: String) {
    CURVES("window.curves"),
    RESULTS("window.results"),
    CHECKPOINTS("checkpoints.title"),
    LOG("log.title"),
    SETTINGS("settings.title"),
    DIFFERENCES("differences.title"),
    DEVICES("devices.title"),
    TRY("window.try"),
}
