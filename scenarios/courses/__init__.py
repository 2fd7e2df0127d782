"""Courses: scenarios in chapters, in an order, and what an author is told of them."""
