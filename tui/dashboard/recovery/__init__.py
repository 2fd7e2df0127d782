"""An app that says faults in a notice and goes on."""
