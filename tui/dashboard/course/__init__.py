"""The way through a course: what is next, a question, hints, the captions of a solution, and the outcomes."""
