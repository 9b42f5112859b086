// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol

/** Each message as text: `name:type` with `!` where it is required and `<a|b>` where words are closed. */
internal val SHAPES: Map<String, String> =
    mapOf(
        "Found" to
            "code:text! message:text! severity:text file:text? line:whole? column:whole? key:text? found:text " +
            "allowed:[text] hint:text",
        "ErrorData" to
            "code:text! message:text! problems:[Found] hint:text log:text?",
        "ClientOptions" to
            "protocolVersion:whole? trusted:flag token:text? updatesPerSecond:whole watchRuns:flag",
        "Ability" to
            "name:text! why:text!",
        "ServerInfo" to
            "protocolVersion:whole! version:text! python:text! pid:whole! log:text! trusted:flag! off:[Ability] " +
            "methods:[text]",
        "Trust" to
            "trusted:flag!",
        "TrustResult" to
            "trusted:flag! off:[Ability]",
        "EnvironmentParams" to
            "diagnose:flag",
        "Finding" to
            "code:text! status:text! message:text! mend:text",
        "Package" to
            "name:text! extra:text wanted:text installed:text? fits:flag",
        "Device" to
            "name:text! title:text memoryBytes:whole? usedBytes:whole? powerW:number? load:number?",
        "Machine" to
            "cores:whole memoryBytes:whole availableBytes:whole diskFreeBytes:whole writable:flag",
        "Environment" to
            "version:text! protocolVersion:whole! python:text! executable:text! platform:text! torch:text? " +
            "machine:Machine devices:[Device] packages:[Package] findings:[Finding]",
        "DevicesParams" to
            "",
        "Devices" to
            "devices:[Device] machine:Machine",
        "CatalogParams" to
            "",
        "OptionInfo" to
            "name:text! help:text advice:text unit:text allowed:text required:flag columns:flag default:any " +
            "schema:{any}",
        "ColumnInfo" to
            "role:text! help:text required:flag many:flag guesses:[text]",
        "MemberInfo" to
            "name:text! help:text advice:text aliases:[text] options:[OptionInfo] formula:text source:text " +
            "targets:[text] metrics:[text] defaultMetric:text columns:[ColumnInfo] alternatives:[[text]] " +
            "models:[text] imbalance:flag suffixes:[text] learningRate:number?",
        "Catalog" to
            "tasks:[MemberInfo] models:[MemberInfo] methods:[MemberInfo] losses:[MemberInfo] " +
            "optimizers:[MemberInfo] schedules:[MemberInfo] splits:[MemberInfo] readers:[MemberInfo] " +
            "templates:[text] keys:[OptionInfo]",
        "JobSchemaParams" to
            "",
        "JobSchema" to
            "schema:{any}!",
        "JobParams" to
            "job:text! text:text? overrides:[text]",
        "LabelCount" to
            "label:text! rows:whole! after:number?",
        "CheckResult" to
            "ok:flag! problems:[Found] job:{any} rows:{whole?} skipped:whole columns:{[text]} labels:[LabelCount] " +
            "chosen:{text}",
        "EstimateParams" to
            "job:text! text:text? overrides:[text] measure:flag",
        "MemoryEstimate" to
            "totalBytes:whole! weightsBytes:whole gradientsBytes:whole optimizerBytes:whole averageBytes:whole " +
            "activationsBytes:whole checkpointBytes:whole processBytes:whole",
        "DiskEstimate" to
            "oneCheckpointBytes:whole keptBytes:whole mostBytes:whole seriesBytes:whole freeBytes:whole",
        "TimeEstimate" to
            "totalS:number! loadingS:number trainingS:number evaluationS:number checkpointsS:number " +
            "reportS:number stepS:number",
        "Remedy" to
            "overrides:[text]! message:text memoryBytes:whole",
        "Estimate" to
            "device:text! precision:text fits:flag? freeBytes:whole? memory:MemoryEstimate? hostBytes:whole? " +
            "disk:DiskEstimate? time:TimeEstimate? energyWh:number? parameters:whole? trainableParameters:whole? " +
            "rows:whole labels:whole steps:whole stepsPerEpoch:whole evaluations:whole checkpoints:whole " +
            "measured:flag notes:[text] problems:[Found] remedies:[Remedy]",
        "PreviewParams" to
            "path:text! task:text? columns:{[text]} rows:whole",
        "PreviewColumn" to
            "name:text! kind:text distinct:whole empty:whole role:text?",
        "Preview" to
            "task:text! rows:whole! complete:flag columns:[PreviewColumn] cells:[[text]] roles:{[text]} " +
            "model:text? labels:[LabelCount] problems:[Found]",
        "NewProjectParams" to
            "folder:text! task:text data:text? columns:{[text]} model:text? method:text? split:text? name:text?",
        "NewProjectResult" to
            "folder:text! job:text! notes:[text]",
        "From" to
            "run:text! step:whole?",
        "StartParams" to
            "job:text! overrides:[text] name:text? mode:text<queue|now|prepare> startFrom:From? " +
            "environment:{text} tags:[text]",
        "StartResult" to
            "run:RunSummary! warnings:[Found] position:whole? command:[text] environment:{text} folder:text?",
        "CommandParams" to
            "run:text! command:text!<stop|pause|resume|checkpoint|set|kill> values:{number} " +
            "mode:text<queue|now|prepare>",
        "CommandResult" to
            "run:RunSummary! position:whole? command:[text] environment:{text} folder:text?",
        "KeepParams" to
            "run:text! step:whole! keep:flag",
        "KeepResult" to
            "run:text! checkpoints:[Checkpoint]",
        "Best" to
            "metric:text! value:number! step:whole!",
        "RunSummary" to
            "id:text! path:text! status:text! name:text job:text task:text model:text method:text tags:[text] " +
            "created:number updated:number durationS:number? step:whole totalSteps:whole? epoch:number " +
            "etaS:number? best:Best? warningCount:whole device:text memoryMb:number? samplesPerSecond:number? " +
            "pid:whole? host:text message:text error:text? remedy:text? position:whole?",
        "RunsParams" to
            "limit:whole? job:text?",
        "Runs" to
            "runs:[RunSummary] root:text",
        "RunParams" to
            "run:text!",
        "Checkpoint" to
            "step:whole! path:text! bytes:whole created:number best:flag metrics:{number} kept:[text]",
        "SeriesInfo" to
            "name:text! records:whole",
        "RunDetail" to
            "run:RunSummary! settings:{any} job:text metrics:{number} warnings:[text] checkpoints:[Checkpoint] " +
            "series:[SeriesInfo] environment:{any} report:flag exports:[text] problems:[Found]",
        "EventsParams" to
            "run:text! after:whole limit:whole kinds:[text]",
        "Event" to
            "number:whole! kind:text! time:number seconds:number? step:whole? current:flag fields:{any}",
        "Events" to
            "events:[Event] total:whole",
        "LogParams" to
            "run:text! offset:whole? limit:whole search:text",
        "Log" to
            "text:text! offset:whole! end:whole! size:whole!",
        "DeleteParams" to
            "runs:[text]! purge:flag",
        "DeleteResult" to
            "deleted:[text] trash:[text] problems:[Found]",
        "CompareParams" to
            "runs:[text]!",
        "Difference" to
            "name:text! values:[any]!",
        "Comparison" to
            "runs:[RunSummary] settings:[Difference] metrics:[Difference] data:[Difference] code:[Difference] " +
            "environment:[Difference]",
        "SeriesParams" to
            "run:text! names:[text] width:whole axis:text<step|seconds> first:number? last:number? " +
            "smoothing:number",
        "Point" to
            "step:whole! seconds:number! value:number!",
        "Curve" to
            "name:text! records:whole first:Point? last:Point? before:Point? after:Point? column:[whole] " +
            "step:[whole] seconds:[number] low:[number] mean:[number] high:[number] count:[whole] nan:[whole] " +
            "plus:[whole] minus:[whole] smooth:[number]",
        "SeriesResult" to
            "run:text! curves:[Curve]",
        "ReportParams" to
            "run:text! again:flag checkpoint:text",
        "Mark" to
            "shape:text! x:[number] y:[number] label:text width:number reference:flag",
        "Panel" to
            "title:text xLabel:text yLabel:text marks:[Mark] unit:text",
        "Span" to
            "start:whole! end:whole! label:text right:flag?",
        "MarkedText" to
            "text:text spans:[Span]",
        "Block" to
            "kind:text! name:text title:text says:text header:[text] cells:[[any]] labels:[text] counts:[[whole]] " +
            "ofRows:flag panels:[Panel] columns:whole texts:[[MarkedText]]",
        "Sample" to
            "row:whole! file:text? line:whole? values:{any} expected:any predicted:any loss:number? right:flag?",
        "Report" to
            "run:text! there:flag! headline:text warnings:[text] words:[text] metrics:{number} summary:{any} " +
            "blocks:[Block] hardest:[Sample] folder:text files:[text]",
        "SamplesParams" to
            "run:text! expected:text? predicted:text? order:text<hardest|file> offset:whole limit:whole",
        "Samples" to
            "samples:[Sample] total:whole",
        "PredictParams" to
            "run:text! texts:[text] file:text? checkpoint:text untuned:flag limit:whole maxNewTokens:whole " +
            "temperature:number seed:whole",
        "Answer" to
            "input:any! answer:{any} untuned:{any}? file:text? line:whole?",
        "PredictResult" to
            "answers:[Answer] notes:[text] seconds:number",
        "ExportParams" to
            "run:text! to:text? format:text<auto|transformers|peft|merged|onnx|module> checkpoint:text force:flag",
        "ExportedFile" to
            "name:text! bytes:whole!",
        "ExportResult" to
            "folder:text! files:[ExportedFile]",
        "ReplayParams" to
            "run:text! step:whole!",
        "RowPlace" to
            "file:text! line:whole?",
        "ReplayResult" to
            "run:text! step:whole! fromStep:whole! rows:[RowPlace] loss:number! recorded:number? exact:flag " +
            "command:[text]",
        "QueueParams" to
            "parallel:whole?",
        "MoveParams" to
            "run:text! position:whole!",
        "CancelParams" to
            "run:text!",
        "Waiting" to
            "run:text! position:whole! why:text",
        "Queue" to
            "parallel:whole waiting:[Waiting] running:[text] problem:Found?",
        "Seen" to
            "name:text! records:whole!",
        "SubscribeParams" to
            "run:text! series:[text] seen:[Seen] log:flag logOffset:whole? events:flag afterEvent:whole?",
        "Subscribed" to
            "run:text! series:[Seen] logOffset:whole event:whole",
        "UnsubscribeParams" to
            "run:text!",
        "Unsubscribed" to
            "run:text!",
        "RunChanged" to
            "run:RunSummary! gone:flag",
        "SeriesPart" to
            "name:text! first:whole! records:whole! step:[whole] seconds:[number] value:[number] low:[number] " +
            "high:[number] count:[whole] nan:[whole] plus:[whole] minus:[whole]",
        "SeriesAppended" to
            "run:text! parts:[SeriesPart]",
        "LogAppended" to
            "run:text! text:text! offset:whole! end:whole! skipped:whole",
        "EventsAppended" to
            "run:text! events:[Event]",
        "QueueChanged" to
            "queue:Queue!",
    )
