"""The names of the commands above a job. A client may do them itself; the server does them otherwise."""

RUN, ESTIMATE, SHOW_RUNS = "tunesmith.run", "tunesmith.estimate", "tunesmith.showRuns"
