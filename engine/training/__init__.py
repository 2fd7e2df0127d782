"""One optimisation in progress: the trainer, its knobs, optimizers, schedules and minibatches."""
