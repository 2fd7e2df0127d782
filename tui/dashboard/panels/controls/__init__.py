"""The controls panel: knobs, gauges and the words on how a run stands."""
