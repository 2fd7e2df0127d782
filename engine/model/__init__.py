"""What is minimised: objectives, from least squares to networks and landscapes."""
