"""The live dashboard: the app, its session with the engine, screens, panels and commands."""
