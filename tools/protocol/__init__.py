"""What is generated from `runtime/tunesmith/protocol`: one module a kind of output."""
