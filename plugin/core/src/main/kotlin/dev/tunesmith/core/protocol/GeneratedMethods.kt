// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol

/** The version of the protocol that these classes speak. */
public const val PROTOCOL_VERSION: Int = 1

/**
 * A request of the protocol.
 *
 * @property name The method's name in JSON-RPC.
 * @property slow Whether it may take longer than half a second, and reports progress.
 */
public class RequestMethod<P : Any, R : Any>(
    public val name: String,
    public val params: Class<P>,
    public val result: Class<R>,
    public val slow: Boolean,
)

/**
 * A notification of the protocol.
 *
 * @property name The method's name in JSON-RPC.
 */
public class NotificationMethod<P : Any>(public val name: String, public val params: Class<P>)

/** All methods of the protocol. */
public object Methods {
    /** Say that the user trusts the workspace, or no longer does. */
    public val trust: RequestMethod<Trust, TrustResult> =
        RequestMethod("tunesmith/trust", Trust::class.java, TrustResult::class.java, slow = false)

    /** Look at interpreter, packages, torch, devices, memory and disk, and say what is wrong and what mends it. */
    public val environment: RequestMethod<EnvironmentParams, Environment> =
        RequestMethod("tunesmith/environment", EnvironmentParams::class.java, Environment::class.java, slow = true)

    /** Read memory, load and power of the devices now; cheap enough to ask every second. */
    public val devices: RequestMethod<DevicesParams, Devices> =
        RequestMethod("tunesmith/devices", DevicesParams::class.java, Devices::class.java, slow = false)

    /** List what a job can choose from, with help, formula, advice and options of each. */
    public val catalog: RequestMethod<CatalogParams, Catalog> =
        RequestMethod("tunesmith/catalog", CatalogParams::class.java, Catalog::class.java, slow = true)

    /** The JSON Schema of the job file, for editors without LSP and for forms. */
    public val jobSchema: RequestMethod<JobSchemaParams, JobSchema> =
        RequestMethod("tunesmith/jobSchema", JobSchemaParams::class.java, JobSchema::class.java, slow = false)

    /** Everything that is wrong or doubtful about a job and its data, and what `auto` would choose. */
    public val check: RequestMethod<JobParams, CheckResult> =
        RequestMethod("tunesmith/check", JobParams::class.java, CheckResult::class.java, slow = true)

    /** Memory, disk, time and energy that a run of the job would need. */
    public val estimate: RequestMethod<EstimateParams, Estimate> =
        RequestMethod("tunesmith/estimate", EstimateParams::class.java, Estimate::class.java, slow = true)

    /** Look into a data file: columns, roles they would play, counts of labels, first rows. */
    public val preview: RequestMethod<PreviewParams, Preview> =
        RequestMethod("tunesmith/preview", PreviewParams::class.java, Preview::class.java, slow = true)

    /** Make a project from a template, for its own real data or for the user's. */
    public val newProject: RequestMethod<NewProjectParams, NewProjectResult> =
        RequestMethod("tunesmith/newProject", NewProjectParams::class.java, NewProjectResult::class.java, slow = true)

    /** Freeze a job in a new run and launch its worker, at once or when its turn comes. */
    public val start: RequestMethod<StartParams, StartResult> =
        RequestMethod("tunesmith/start", StartParams::class.java, StartResult::class.java, slow = true)

    /** Stop, pause, resume, checkpoint, kill a run, or change a live value. */
    public val command: RequestMethod<CommandParams, CommandResult> =
        RequestMethod("tunesmith/command", CommandParams::class.java, CommandResult::class.java, slow = false)

    /** Keep a checkpoint, so that newer ones do not push it out; or let it go again. */
    public val keep: RequestMethod<KeepParams, KeepResult> =
        RequestMethod("tunesmith/keep", KeepParams::class.java, KeepResult::class.java, slow = false)

    /** All runs of the project, those started on a terminal too. */
    public val runs: RequestMethod<RunsParams, Runs> =
        RequestMethod("tunesmith/runs", RunsParams::class.java, Runs::class.java, slow = false)

    /** Everything about one run but its numbers: settings, metrics, checkpoints, environment, damage. */
    public val run: RequestMethod<RunParams, RunDetail> =
        RequestMethod("tunesmith/run", RunParams::class.java, RunDetail::class.java, slow = false)

    /** What happened to a run: evaluations, checkpoints, warnings, resumes. */
    public val events: RequestMethod<EventsParams, Events> =
        RequestMethod("tunesmith/events", EventsParams::class.java, Events::class.java, slow = false)

    /** What the worker printed: a piece of it, or the lines that hold a text. */
    public val log: RequestMethod<LogParams, Log> =
        RequestMethod("tunesmith/log", LogParams::class.java, Log::class.java, slow = false)

    /** Move runs into the trash beside the folder of runs, or remove them for good. */
    public val delete: RequestMethod<DeleteParams, DeleteResult> =
        RequestMethod("tunesmith/delete", DeleteParams::class.java, DeleteResult::class.java, slow = true)

    /** In what runs differ: settings, metrics, data, code, environment. */
    public val compare: RequestMethod<CompareParams, Comparison> =
        RequestMethod("tunesmith/compare", CompareParams::class.java, Comparison::class.java, slow = false)

    /** Curves of a run within a window, as envelopes for a width in pixels, smoothed if wanted. */
    public val series: RequestMethod<SeriesParams, SeriesResult> =
        RequestMethod("tunesmith/series", SeriesParams::class.java, SeriesResult::class.java, slow = false)

    /** How good a run's model is: figures, tables, charts, hardest rows. */
    public val report: RequestMethod<ReportParams, Report> =
        RequestMethod("tunesmith/report", ReportParams::class.java, Report::class.java, slow = true)

    /** Held-out rows with the model's answers: all, or those behind a cell of the confusion matrix. */
    public val samples: RequestMethod<SamplesParams, Samples> =
        RequestMethod("tunesmith/samples", SamplesParams::class.java, Samples::class.java, slow = true)

    /** Ask a run's model, and the untuned one beside it if wanted. */
    public val predict: RequestMethod<PredictParams, PredictResult> =
        RequestMethod("tunesmith/predict", PredictParams::class.java, PredictResult::class.java, slow = true)

    /** Write a run's model in a format that other programs open. */
    public val export: RequestMethod<ExportParams, ExportResult> =
        RequestMethod("tunesmith/export", ExportParams::class.java, ExportResult::class.java, slow = true)

    /** Rebuild one step of a run exactly: the rows of its batch and its loss. */
    public val replay: RequestMethod<ReplayParams, ReplayResult> =
        RequestMethod("tunesmith/replay", ReplayParams::class.java, ReplayResult::class.java, slow = true)

    /** Who waits for the device, in which order; and how many runs may train at a time. */
    public val queue: RequestMethod<QueueParams, Queue> =
        RequestMethod("tunesmith/queue", QueueParams::class.java, Queue::class.java, slow = false)

    /** Give a waiting run another place. */
    public val queueMove: RequestMethod<MoveParams, Queue> =
        RequestMethod("tunesmith/queueMove", MoveParams::class.java, Queue::class.java, slow = false)

    /** Take a waiting run out of the queue. */
    public val queueCancel: RequestMethod<CancelParams, Queue> =
        RequestMethod("tunesmith/queueCancel", CancelParams::class.java, Queue::class.java, slow = false)

    /** Hear of a run's numbers, events and log as they come. */
    public val subscribe: RequestMethod<SubscribeParams, Subscribed> =
        RequestMethod("tunesmith/subscribe", SubscribeParams::class.java, Subscribed::class.java, slow = false)

    /** Hear no more of a run's numbers, events and log. */
    public val unsubscribe: RequestMethod<UnsubscribeParams, Unsubscribed> =
        RequestMethod("tunesmith/unsubscribe", UnsubscribeParams::class.java, Unsubscribed::class.java, slow = false)

    /** A run appeared, changed or went. Several changes of a run in one tick are one message. */
    public val runChanged: NotificationMethod<RunChanged> =
        NotificationMethod("tunesmith/runChanged", RunChanged::class.java)

    /** New numbers of a subscribed run, at most `updatesPerSecond` times a second. */
    public val seriesAppended: NotificationMethod<SeriesAppended> =
        NotificationMethod("tunesmith/seriesAppended", SeriesAppended::class.java)

    /** New lines of a subscribed run's log. */
    public val logAppended: NotificationMethod<LogAppended> =
        NotificationMethod("tunesmith/logAppended", LogAppended::class.java)

    /** New events of a subscribed run. */
    public val eventsAppended: NotificationMethod<EventsAppended> =
        NotificationMethod("tunesmith/eventsAppended", EventsAppended::class.java)

    /** The queue of runs changed. */
    public val queueChanged: NotificationMethod<QueueChanged> =
        NotificationMethod("tunesmith/queueChanged", QueueChanged::class.java)
}
