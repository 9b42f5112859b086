package dev.tunesmith.core.panels

import dev.tunesmith.core.Words

/** One key of the frozen job. */
internal data class SettingRow(val key: String, val value: String)

internal fun settingRows(settings: Map<String, Any?>): List<SettingRow> = settings.map { (key, value) ->
    SettingRow(key, anyWords(value))
}

/** The job as the run was given it, every default written out. */
public class SettingsPanel(words: Words) {
    public val component: TablePanel<*> get() = table

    internal val table: TablePanel<SettingRow> = TablePanel(
        words,
        words("settings.title"),
        listOf(
            Column("key", words("settings.column.key"), { it.key }, byText { it.key }, 200),
            Column("value", words("settings.column.value"), { it.value }, byText { it.value }, 300),
        ),
        { it.key },
        emptyList(),
    )

    public fun show(settings: Map<String, Any?>) {
        table.show(settingRows(settings))
    }
}
