"""Theory of the noise of minibatches, and its measuring: noise floor, minibatch limit, noise scale."""
