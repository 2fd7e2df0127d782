"""Drawing: from plain data to a canvas of cells. Knows no Textual and no engine."""
