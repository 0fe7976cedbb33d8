"""Official rule files, compiled once to columnar expressions that judge a whole batch. See docs/rule-engine.md."""
