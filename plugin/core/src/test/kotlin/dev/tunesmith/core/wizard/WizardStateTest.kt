package dev.tunesmith.core.wizard

import dev.tunesmith.core.protocol.Catalog
import dev.tunesmith.core.protocol.ColumnInfo
import dev.tunesmith.core.protocol.Estimate
import dev.tunesmith.core.protocol.MemberInfo
import dev.tunesmith.core.protocol.NewProjectResult
import dev.tunesmith.core.protocol.Preview
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.Random

internal class WizardStateTest {
    private val catalog = Catalog(
        tasks = listOf(
            MemberInfo(
                "text-classification",
                columns = listOf(ColumnInfo("text"), ColumnInfo("label")),
                models = listOf("bundled", "scratch"),
            ),
            MemberInfo(
                "regression",
                columns = listOf(ColumnInfo("features", many = true), ColumnInfo("target")),
                models = listOf("python"),
            ),
            MemberInfo("token-classification"),
        ),
        methods = listOf(MemberInfo("full"), MemberInfo("lora")),
        templates = listOf("text-classification", "regression"),
    )
    private val preview = Preview(
        task = "text-classification",
        rows = 100,
        roles = mapOf("text" to listOf("message"), "label" to listOf("category")),
        model = "all-MiniLM-L6-v2",
    )
    private val opened = WizardState().run(WizardEvent.Opened).answer(catalog)
    private val chosen = opened.run(WizardEvent.ChooseData("/data/messages.csv")).answer(preview)

    private fun WizardState.run(vararg events: WizardEvent): Transition =
        events.fold(Transition(this)) { transition, event -> transition.state.after(event) }

    private fun Transition.answer(answer: Any): WizardState =
        state.after(WizardEvent.Answered(requests.single(), answer)).state

    private fun WizardState.at(step: Step): WizardState = (0 until step.ordinal).fold(this) { state, _ ->
        state.after(WizardEvent.Next).state
    }

    @Test
    fun `the data decide on the task and its columns until the user does`() {
        assertEquals("text-classification", chosen.chosenTask)
        assertEquals(preview.roles, chosen.roles)
        val changed = chosen.run(WizardEvent.ChooseColumns("text", listOf("subject")))
        assertEquals(
            mapOf("text" to listOf("subject")),
            (changed.requests.single() as WizardRequest.LoadPreview).params.columns,
        )
        assertEquals("regression", chosen.run(WizardEvent.ChooseTask("regression")).state.chosenTask)
    }

    @Test
    fun `only tasks with a template can be chosen`() {
        assertEquals(listOf("text-classification", "regression"), opened.tasks.map { it.name })
        assertEquals(
            listOf("wizard.obstacle.task"),
            opened.run(WizardEvent.ChooseTask("token-classification")).state.obstacles(Step.TASK).map {
                it.key
            },
        )
    }

    @Test
    fun `data that cannot be read or are being read keep the user on the page`() {
        val reading = opened.run(WizardEvent.ChooseData("/data/x.csv"))
        assertFalse(reading.state.canGoOn)
        val failed = reading.state.after(WizardEvent.Refused(reading.requests.single(), "no such file", "look")).state
        assertEquals(
            Obstacle("wizard.obstacle.unreadable", listOf("no such file")),
            failed.obstacles(Step.DATA).single(),
        )
        assertEquals(Step.DATA, failed.after(WizardEvent.Next).state.step)
        assertEquals(reading.requests, failed.after(WizardEvent.Retry).requests)
        assertEquals(
            "wizard.obstacle.no-rows",
            reading.answer(preview.copy(rows = 0)).obstacles(Step.DATA).single().key,
        )
        assertTrue(opened.canGoOn, "the template's own data need no choice")
    }

    @Test
    fun `where inputs are of several kinds, the columns of one kind must be chosen`() {
        val tagging = MemberInfo(
            "token-classification",
            columns = listOf("words", "tags", "text", "entities").map { ColumnInfo(it, required = false) },
            alternatives = listOf(listOf("words", "tags"), listOf("text", "entities")),
        )
        val known = catalog.copy(tasks = listOf(tagging), templates = listOf("token-classification"))
        val bare = WizardState().run(WizardEvent.Opened).answer(known).run(WizardEvent.ChooseData("/data/x.csv"))
            .answer(preview.copy(task = "token-classification", roles = mapOf("words" to listOf("a"))))
        assertEquals(
            listOf(Obstacle("wizard.obstacle.input", listOf("words + tags / text + entities"))),
            bare.obstacles(Step.TASK),
        )
        val roles = mapOf("text" to listOf("a"), "entities" to listOf("b"))
        val full = bare.copy(preview = Loaded.Ready(preview.copy(task = "token-classification", roles = roles)))
        assertEquals(emptyList<Obstacle>(), full.obstacles(Step.TASK))
    }

    @Test
    fun `the model is the one that a job for these columns begins with until the user chooses`() {
        assertEquals("all-MiniLM-L6-v2", chosen.chosenModel)
        assertEquals("scratch", chosen.run(WizardEvent.ChooseModel("scratch")).state.chosenModel)
        assertEquals(null, chosen.copy(preview = Loaded.Ready(preview.copy(model = null))).chosenModel)
    }

    @Test
    fun `a split by groups or time needs its column, and stands in estimate and project`() {
        val known = chosen.copy(catalog = Loaded.Ready(catalog.copy(splits = SPLITS)))
        assertEquals(null, known.projectParams.split)
        val random = known.run(WizardEvent.ChooseSplit("random")).state
        assertEquals("\"random\"", random.projectParams.split)
        val grouped = random.run(WizardEvent.ChooseSplit("group")).state
        val missing = Obstacle("wizard.obstacle.split", listOf("The column of the groups."))
        assertEquals(listOf(missing), grouped.obstacles(Step.TASK))
        assertFalse(grouped.canFinish)
        val full = grouped.run(WizardEvent.ChooseSplitColumn("column", "author \"x\"")).state
        assertEquals(emptyList<Obstacle>(), full.obstacles(Step.TASK))
        val text = "{\"group\": {\"column\": \"author \\\"x\\\"\"}}"
        assertEquals(text, full.projectParams.split)
        assertTrue("\n  split: $text\n" in full.jobText("scratch", null).orEmpty())
        assertEquals("\"random\"", full.run(WizardEvent.ChooseSplit("random")).state.projectParams.split)
        val other = full.run(WizardEvent.ChooseData("/data/other.csv")).state
        assertEquals(listOf(null, emptyMap<String, String>()), listOf(other.split, other.splitColumns))
        assertEquals(null, full.run(WizardEvent.ChooseData(null)).state.projectParams.split)
    }

    @Test
    fun `a required column that is missing is named`() {
        val bare = opened.run(
            WizardEvent.ChooseData("/data/x.csv"),
        ).answer(preview.copy(roles = mapOf("text" to listOf("message"))))
        assertEquals(listOf("label"), bare.obstacles(Step.TASK).map { it.arguments[0] })
        assertFalse(bare.at(Step.TASK).canGoOn)
    }

    @Test
    fun `an answer to an older question is not heard`() {
        val first = opened.run(WizardEvent.ChooseData("/data/a.csv"))
        val second = first.state.run(WizardEvent.ChooseData("/data/b.csv"))
        val late = second.state.after(WizardEvent.Answered(first.requests.single(), preview)).state
        assertEquals(Loaded.Loading, late.preview)
        assertEquals(Loaded.Ready(preview), second.answer(preview).preview)
    }

    @Test
    fun `the pages of model and method ask once what each choice would need`() {
        val toModel = chosen.at(Step.TASK).after(WizardEvent.Next)
        val models = toModel.requests.map { (it as WizardRequest.LoadEstimate).params }
        assertEquals(2, models.size)
        assertTrue(models.none { it.measure } && models.any { "model: \"scratch\"" in it.text.orEmpty() })
        val estimated = toModel.requests.fold(toModel.state) { state, request ->
            state.after(WizardEvent.Answered(request, Estimate(steps = 7))).state
        }
        assertEquals(7L, estimated.estimateOf("scratch", null).orNull?.steps)
        assertEquals(listOf("all-MiniLM-L6-v2", "scratch"), estimated.modelChoices())
        val toMethod = estimated.after(WizardEvent.Next)
        assertEquals(2, toMethod.requests.size, "full and lora; the template's own is known")
        assertEquals(
            emptyList<WizardRequest>(),
            toMethod.state.after(WizardEvent.Back).state.after(WizardEvent.Next).requests,
        )
        assertEquals(
            Loaded.Missing,
            estimated.after(WizardEvent.ChooseTask("regression")).state.estimateOf("scratch", null),
        )
    }

    @Test
    fun `every page can go back and keeps what was chosen`() {
        val end = chosen.at(Step.PLACE).run(WizardEvent.ChoosePlace("/home/me/project", "messages")).state
        val back = Step.entries.fold(end) { state, _ -> state.after(WizardEvent.Back).state }
        assertEquals(Step.DATA, back.step)
        assertEquals(end.copy(step = Step.DATA), back)
        assertEquals(end.copy(estimates = back.at(Step.PLACE).estimates), back.at(Step.PLACE))
    }

    @Test
    fun `only Finish makes anything, once, with everything that was chosen`() {
        val ready = chosen.at(
            Step.PLACE,
        ).run(WizardEvent.ChoosePlace("/home/me/project", "messages"), WizardEvent.ChooseMethod("lora")).state
        val finish = ready.after(WizardEvent.Finish)
        val params = (finish.requests.single() as WizardRequest.Make).params
        assertEquals(
            listOf("/home/me/project", "text-classification", "/data/messages.csv", "lora", "messages"),
            listOf(params.folder, params.task, params.data, params.method, params.name),
        )
        assertEquals(preview.roles, params.columns)
        assertEquals(emptyList<WizardRequest>(), finish.state.after(WizardEvent.Finish).requests)
        val made = finish.answer(NewProjectResult("/home/me/project", "messages.job.yaml"))
        assertFalse(made.canFinish)
        assertFalse(made.after(WizardEvent.Cancel).state.isCancelled)
    }

    @Test
    fun `a project that could not be made can be tried again after a change`() {
        val finish = chosen.run(WizardEvent.ChoosePlace("/full", "a"), WizardEvent.Finish)
        val failed = finish.state.after(
            WizardEvent.Refused(finish.requests.single(), "not empty", "choose another"),
        ).state
        assertEquals(Loaded.Failed("not empty", "choose another"), failed.project)
        assertTrue(
            failed.run(
                WizardEvent.ChoosePlace("/free", "a"),
                WizardEvent.Finish,
            ).requests.single() is WizardRequest.Make,
        )
    }

    @Test
    fun `folders and names that cannot be are told at once`() {
        fun keys(folder: String, name: String) =
            chosen.run(WizardEvent.ChoosePlace(folder, name)).state.obstacles(Step.PLACE).map { it.key }
        assertEquals(listOf("wizard.obstacle.folder"), keys("", ""))
        assertEquals(listOf("wizard.obstacle.absolute"), keys("project", "a"))
        assertEquals(listOf("wizard.obstacle.name"), keys("C:\\work\\project", "a/b"))
        assertEquals(emptyList<String>(), keys("/home/项目", "中文"))
    }

    @Test
    fun `whatever happens before Finish or after Cancel, nothing is asked that writes`() {
        val random = Random(11)
        repeat(300) {
            var state = opened
            var isCancelled = false
            repeat(60) {
                val event = listOf(
                    WizardEvent.Next,
                    WizardEvent.Back,
                    WizardEvent.Retry,
                    WizardEvent.ChooseData(listOf(null, "", "/a.csv", "/b.csv")[random.nextInt(4)]),
                    WizardEvent.ChooseColumns("label", listOf("x")),
                    WizardEvent.ChooseTask(listOf("regression", "text-classification", "?")[random.nextInt(3)]),
                    WizardEvent.ChooseModel(listOf(null, "", "scratch")[random.nextInt(3)]),
                    WizardEvent.ChooseMethod("lora"),
                    WizardEvent.ChoosePlace("/p", "n"),
                    if (isCancelled) WizardEvent.Finish else WizardEvent.Next,
                    if (random.nextInt(20) == 0) WizardEvent.Cancel else WizardEvent.Next,
                )[random.nextInt(11)]
                val next = state.after(event)
                assertTrue(next.requests.none { it is WizardRequest.Make }, "$event")
                isCancelled = next.state.isCancelled
                if (isCancelled) assertEquals(emptyList<WizardRequest>(), next.requests)
                state = next.requests.fold(next.state) { now, request ->
                    val answer: Any = when (request) {
                        WizardRequest.LoadCatalog -> catalog
                        is WizardRequest.LoadPreview -> preview
                        is WizardRequest.LoadEstimate -> Estimate()
                        is WizardRequest.Make -> NewProjectResult()
                    }
                    now.after(
                        if (random.nextBoolean()) {
                            WizardEvent.Answered(
                                request,
                                answer,
                            )
                        } else {
                            WizardEvent.Refused(request, "no", "")
                        },
                    ).state
                }
            }
        }
    }

    @Test
    fun `names of files and columns are quoted so that the job means them`() {
        val odd = chosen.copy(
            data = "/a \"b\"\\c: #d\n.csv",
            preview = Loaded.Ready(preview.copy(roles = mapOf("text" to listOf("x", "y: z")))),
        )
        assertEquals(
            "task: \"text-classification\"\nmodel: \"scratch\"\ndata:\n  train: \"/a \\\"b\\\"\\\\c: #d\\u000a.csv\"\n  \"text\": [\"x\", \"y: z\"]\n",
            odd.jobText("scratch", null),
        )
    }
}
