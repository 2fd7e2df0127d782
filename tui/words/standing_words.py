"""Words for a run that trains, but not as it should."""

RUNNING = {"oscillating": "oscillating", "plateau": "on a plateau", "diverging": "diverging"}  # by the status's detail
